"""The public protocol, declared once: messages, codec, close codes, schemas."""
