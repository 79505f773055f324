"""What a generated language is made of, copied into its package: this needs lark alone.

One table of constructs (`construct_table`) makes the rest: `grammar`, `parsing`, `printing`,
`tree_running`, `highlighting` and `random_trees` look at its rows and know no construct by name.
"""
