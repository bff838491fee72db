"""One call's talk with a model that hears and speaks itself: sessions, their renewal, its replies.

Decisions stay where they are: the model is asked like a language model is, and its words come with
sound of their own.
"""
