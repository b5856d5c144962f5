"""What Puppet's agent would add to the facts."""

from manifests.puppet.agent_facts import WithAgentFacts


def test_facts_of_the_agent_stand_behind_those_given():
    facts = WithAgentFacts({"os": {"name": "Debian"}, "clientcert": "given"}, "web1", 7)
    assert facts["puppetversion"].startswith("7.")
    assert (facts["clientcert"], facts["os"]) == ("given", {"name": "Debian"})
    assert "nothing" not in facts
    assert list(facts)[:2] == ["os", "clientcert"]
    assert len(facts) == 6
    assert WithAgentFacts({}, "web1", 8)["clientcert"] == "web1"
