"""What a subscriber starts from: takes events by pull or push, once each, and notices what is lost.

It needs the standard library and httpx2 alone: a province may copy this folder.

    inbox = Inbox(Path("received.db"))
    async for event in follow(gateway, inbox): ...
"""
