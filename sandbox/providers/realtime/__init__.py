"""OpenAI's Realtime service as its clients see it: sessions over a websocket, by the names of its
general availability, as read in openai 3.57.0.
"""
