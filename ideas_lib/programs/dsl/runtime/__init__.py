"""What a generated language is made of, copied into its package: this needs lark alone.

One table of constructs (`table`) makes the rest: `grammar`, `parsing`, `printing`, `running`,
`highlighting` and `sampling` look at its rows and know no construct by name.
"""
