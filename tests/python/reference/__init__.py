"""Independent reference implementation of the alert rules in plain Python.

It is written from the specification text alone and shares no code with the dbt models, so that a disagreement
between the two is a finding about one of them:

* ``rules.build_expected`` works out the marts from a raw folder and the seeds;
* ``random_raw.write_random_raw`` and ``write_random_seeds`` write small raw folders and seed variants full of edge cases;
* ``compare.compare`` lists the differences between the two, row for row and value for value;
* ``dbt_case.run_case`` builds one such case with dbt in a copy of the project and compares the result.

Clarity comes before speed: about 150 subscribers and 32 weeks take some seconds.
"""
