"""What people read: plans, pictures of nodes, proofs and explanations as lines of text.

Every function gives `rich.text.Text` lines; where they go and whether they keep their colour is the caller's business.
"""
