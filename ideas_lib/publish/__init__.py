"""The book as a site, its notebooks as posts, and forks of its ideas. It knows no field."""
