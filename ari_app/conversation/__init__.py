"""What an operator does with a caller whom she talks with: hold, consult, transfer, confer, put back.

`vocabulary` has the words, `machine` decides (pure), `retelling` brings a conversation back from the journal,
`running` carries out what was decided.
"""
