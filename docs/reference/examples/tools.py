from tavus_consent import Tavus

with Tavus() as tavus:
    tool = tavus.tools.create(name="get_weather", description="Looks the weather up.")
    assert tool.tool_id
    tavus.tools.patch(tool.tool_id, description="Looks up what the weather will be.")
    print([one.name for one in tavus.tools.list()])
