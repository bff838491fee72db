"""Tests of speech to text, text to speech, language models and detectors."""
