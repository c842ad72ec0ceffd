"""Plans: from the selection of a GraphQL field to a selection over the read model.

Beside each field of a type stands, as data, where its value comes from
(`gateway.plans.sources`). The planner turns the document below a field into one
selection tree; the executor then walks the rows that come back, by response key.
"""
