"""What articles are: how they come in, how their passages are found, and how a question is answered from them.

Nothing in here knows Discord or the terminal; `bot` imports `retrieval`, never the other way round.
"""
