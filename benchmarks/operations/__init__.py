"""Random operations of every role over a bank in which every row is known, looked through for
anything that lies beyond somebody's reach.
"""
