"""Drafts of answers to customers, and what is wrong with an answer."""





__all__ = ["Drafter", "Templates", "load_templates", "problems_of"]
