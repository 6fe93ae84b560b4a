"""Questions answered with citations.

A message is read (`asking`), what is found for it is weighed (`evidence`), what contradicts itself is seen
(`disagreement`), and a reader (`readers`) writes the answer, a model's only as far as it is supported (`checking`).
`answerer.py` leads through all of it; imports between the folders run one way.
"""
