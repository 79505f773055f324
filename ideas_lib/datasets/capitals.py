"""Places, their capitals and another city: a bank for "does the model know, or prefer the famous?".

In half of the places another city has more inhabitants than the capital, in the other half none
has. That is what tells knowledge from fame: whoever always names the bigger city is right on one
half, wrong on the other, and no better than a coin on both together.

Inhabitants were compared by GeoNames (CC BY 4.0), and where its figures were doubtful or a capital
is contested the place was left out; so were cities that are named after their place, like Mexico
City, for a model could copy those.
"""

from dataclasses import dataclass

from ideas_lib.datasets.draws import sample_fresh

__all__ = ["DOMAIN", "NEUTRAL", "WORDINGS", "Place", "places", "sample_places"]

WORDINGS = (
    "The capital of {} is",
    "Q: What is the capital of {}?\nA:",
    "Name the capital of {}. Answer:",
    "As the capital of {}, the city of",
    "To visit the capital of {}, you have to travel to",
    "The teacher asked for the capital of {}, and everyone in class said",
)
DOMAIN = "The capital is"  # says what is asked for, and not of which place
NEUTRAL = "N/A"  # stands for no place

# Place: capital, a bigger city.
SMALLER = """
Australia: Canberra, Sydney
Brazil: Brasília, São Paulo
Canada: Ottawa, Toronto
China: Beijing, Shanghai
India: New Delhi, Mumbai
Turkey: Ankara, Istanbul
Pakistan: Islamabad, Karachi
Nigeria: Abuja, Lagos
Switzerland: Bern, Zurich
Vietnam: Hanoi, Ho Chi Minh City
New Zealand: Wellington, Auckland
Morocco: Rabat, Casablanca
Kazakhstan: Astana, Almaty
the United Arab Emirates: Abu Dhabi, Dubai
the United States: Washington, New York
Tanzania: Dodoma, Dar es Salaam
Ivory Coast: Yamoussoukro, Abidjan
Myanmar: Naypyidaw, Yangon
Benin: Porto-Novo, Cotonou
Burundi: Gitega, Bujumbura
the Gambia: Banjul, Serekunda
Eswatini: Mbabane, Manzini
Trinidad and Tobago: Port of Spain, Chaguanas
Malta: Valletta, Birkirkara
Scotland: Edinburgh, Glasgow
Alaska: Juneau, Anchorage
California: Sacramento, Los Angeles
Connecticut: Hartford, Bridgeport
Delaware: Dover, Wilmington
Florida: Tallahassee, Miami
Illinois: Springfield, Chicago
Kansas: Topeka, Wichita
Kentucky: Frankfort, Louisville
Louisiana: Baton Rouge, New Orleans
Maine: Augusta, Portland
Maryland: Annapolis, Baltimore
Michigan: Lansing, Detroit
Minnesota: Saint Paul, Minneapolis
Missouri: Jefferson City, St. Louis
Montana: Helena, Billings
Nebraska: Lincoln, Omaha
Nevada: Carson City, Las Vegas
New Hampshire: Concord, Manchester
New Jersey: Trenton, Newark
New Mexico: Santa Fe, Albuquerque
New York State: Albany, Buffalo
North Carolina: Raleigh, Charlotte
North Dakota: Bismarck, Fargo
Oregon: Salem, Portland
Pennsylvania: Harrisburg, Philadelphia
South Dakota: Pierre, Sioux Falls
Texas: Austin, Houston
Vermont: Montpelier, Burlington
Virginia: Richmond, Norfolk
Washington State: Olympia, Seattle
Wisconsin: Madison, Milwaukee
Alabama: Montgomery, Huntsville
Alberta: Edmonton, Calgary
British Columbia: Victoria, Vancouver
Saskatchewan: Regina, Saskatoon
New Brunswick: Fredericton, Moncton
Hesse: Wiesbaden, Frankfurt
North Rhine-Westphalia: Düsseldorf, Cologne
Mecklenburg-Vorpommern: Schwerin, Rostock
Galicia: Santiago de Compostela, Vigo
Extremadura: Mérida, Badajoz
Asturias: Oviedo, Gijón
the Basque Country: Vitoria, Bilbao
Castilla-La Mancha: Toledo, Albacete
Abruzzo: L'Aquila, Pescara
Gujarat: Gandhinagar, Ahmedabad
Madhya Pradesh: Bhopal, Indore
Nagaland: Kohima, Dimapur
Shandong: Jinan, Qingdao
Baja California: Mexicali, Tijuana
Guerrero: Chilpancingo, Acapulco
Quintana Roo: Chetumal, Cancún
Tamaulipas: Ciudad Victoria, Reynosa
Espírito Santo: Vitória, Vila Velha
Ticino: Bellinzona, Lugano
Gunma Prefecture: Maebashi, Takasaki
Mie Prefecture: Tsu, Yokkaichi
Normandy: Rouen, Le Havre
Finistère: Quimper, Brest
Morbihan: Vannes, Lorient
South Holland: The Hague, Rotterdam
North Holland: Haarlem, Amsterdam
Flevoland: Lelystad, Almere
North Brabant: Den Bosch, Eindhoven
Overijssel: Zwolle, Enschede
Gelderland: Arnhem, Nijmegen
Hainaut: Mons, Charleroi
KwaZulu-Natal: Pietermaritzburg, Durban
North West Province: Mahikeng, Rustenburg
Chubut: Rawson, Comodoro Rivadavia
Río Negro Province: Viedma, Bariloche
Kedah: Alor Setar, Sungai Petani
Anambra: Awka, Onitsha
Delta State: Asaba, Warri
"""

# Place: capital, a smaller city.
LARGEST = """
France: Paris, Marseille
Germany: Berlin, Hamburg
Spain: Madrid, Barcelona
Japan: Tokyo, Osaka
Russia: Moscow, Saint Petersburg
Italy: Rome, Milan
Egypt: Cairo, Alexandria
South Korea: Seoul, Busan
Thailand: Bangkok, Chiang Mai
Argentina: Buenos Aires, Córdoba
Colombia: Bogotá, Medellín
Peru: Lima, Arequipa
Chile: Santiago, Valparaíso
Poland: Warsaw, Kraków
Portugal: Lisbon, Porto
Greece: Athens, Thessaloniki
Austria: Vienna, Salzburg
Hungary: Budapest, Debrecen
Sweden: Stockholm, Gothenburg
Norway: Oslo, Bergen
Denmark: Copenhagen, Aarhus
Finland: Helsinki, Tampere
Ireland: Dublin, Cork
Belgium: Brussels, Antwerp
Ukraine: Kyiv, Odesa
Iran: Tehran, Isfahan
Iraq: Baghdad, Basra
Kenya: Nairobi, Mombasa
Ethiopia: Addis Ababa, Gondar
Cuba: Havana, Camagüey
Nepal: Kathmandu, Pokhara
Croatia: Zagreb, Split
Bulgaria: Sofia, Varna
Romania: Bucharest, Cluj-Napoca
Zambia: Lusaka, Ndola
Zimbabwe: Harare, Bulawayo
Mozambique: Maputo, Beira
Uzbekistan: Tashkent, Samarkand
Afghanistan: Kabul, Kandahar
Lithuania: Vilnius, Kaunas
Estonia: Tallinn, Tartu
Wales: Cardiff, Swansea
Northern Ireland: Belfast, Derry
Arizona: Phoenix, Tucson
Arkansas: Little Rock, Fayetteville
Colorado: Denver, Boulder
Hawaii: Honolulu, Hilo
Idaho: Boise, Pocatello
Indiana: Indianapolis, Fort Wayne
Iowa: Des Moines, Cedar Rapids
Massachusetts: Boston, Worcester
Mississippi: Jackson, Biloxi
Ohio: Columbus, Cleveland
Rhode Island: Providence, Newport
Tennessee: Nashville, Chattanooga
Utah: Salt Lake City, Provo
Wyoming: Cheyenne, Laramie
Manitoba: Winnipeg, Brandon
Nova Scotia: Halifax, Dartmouth
Bavaria: Munich, Nuremberg
Baden-Württemberg: Stuttgart, Mannheim
Lower Saxony: Hanover, Göttingen
Thuringia: Erfurt, Weimar
Schleswig-Holstein: Kiel, Flensburg
Andalusia: Seville, Granada
Catalonia: Barcelona, Tarragona
Aragon: Zaragoza, Huesca
Navarre: Pamplona, Tudela
Sicily: Palermo, Catania
Tuscany: Florence, Pisa
Lombardy: Milan, Bergamo
Campania: Naples, Salerno
Piedmont: Turin, Novara
Maharashtra: Mumbai, Pune
Karnataka: Bangalore, Mysore
Tamil Nadu: Chennai, Madurai
Rajasthan: Jaipur, Udaipur
Bihar: Patna, Gaya
Sichuan: Chengdu, Mianyang
Hubei: Wuhan, Yichang
Yunnan: Kunming, Dali
New South Wales: Sydney, Newcastle
Queensland: Brisbane, Cairns
Western Australia: Perth, Fremantle
South Australia: Adelaide, Mount Gambier
Tasmania: Hobart, Launceston
Jalisco: Guadalajara, Puerto Vallarta
Yucatán: Mérida, Valladolid
Nuevo León: Monterrey, Montemorelos
Bahia: Salvador, Feira de Santana
Minas Gerais: Belo Horizonte, Ouro Preto
Pernambuco: Recife, Olinda
Miyagi Prefecture: Sendai, Ishinomaki
Aichi Prefecture: Nagoya, Toyota
Brittany: Rennes, Saint-Malo
Gironde: Bordeaux, Arcachon
Friesland: Leeuwarden, Sneek
Corsica: Ajaccio, Bastia
Sindh: Karachi, Sukkur
Penang: George Town, Butterworth
"""


@dataclass(frozen=True)
class Place:
    """A place, its capital, another city of it, and whether that one has more inhabitants."""

    name: str
    capital: str
    other: str
    smaller: bool

    def contexts(self) -> list[str]:
        """Return the question in all wordings, each to be continued by a city's name."""
        return [wording.format(self.name) for wording in WORDINGS]

    def phrases(self) -> list[str]:
        """Return the capital, which is right, and the other city, with the space before them."""
        return [f" {self.capital}", f" {self.other}"]


def places(smaller: bool) -> list[Place]:
    """Return the half of the bank in which the capital is the smaller city, or the other half."""
    found = []
    for line in (SMALLER if smaller else LARGEST).strip().splitlines():
        name, cities = line.split(": ")
        capital, other = cities.split(", ")
        found.append(Place(name, capital, other, smaller))
    return found


def sample_places(seed: int, size: int) -> list[Place]:
    """Return `size` places of each half, which no other seed gets. Raises as `draws.fresh`."""
    return [place for half in (True, False) for place in sample_fresh(places(half), seed, size)]
