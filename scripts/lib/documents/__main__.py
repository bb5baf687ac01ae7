"""Writes what is generated: ``python -m documents`` within ``scripts/lib``; see ``scripts/docs``."""

import asyncio

from documents.writing import write_all

if __name__ == "__main__":
    asyncio.run(write_all())
