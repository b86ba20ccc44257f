from tavus_consent import Tavus

with Tavus() as tavus:
    store = tavus.memory_stores.create(pal_id="pcb7a34da5fe", participant_tag="user_12345")
    memory = tavus.memory_stores.add_pinned(store.memory_store_id, memory="Prefers concise answers")
    tavus.memory_stores.patch_pinned(store.memory_store_id, memory.memory_id, memory="Prefers bullet points")
    print([one.memory for one in tavus.memory_stores.list_pinned(store.memory_store_id)])
    tavus.memory_stores.delete(store.memory_store_id)
