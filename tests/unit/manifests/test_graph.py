"""The order of catalogs: anchors, ties, cycles, and size."""

from itertools import pairwise

from hiera.errors import Location
from manifests.catalog import Catalog, Container, Declaration, Edge, Ref
from manifests.graph import Anchor, cycle_problem, order

MAIN = Ref("class", "main")
PLACE = Location("site.yaml", 1)


def catalog(names, edges=(), containers=()):
    declarations = tuple(Declaration(Ref("file", name), name, {}, PLACE, inside) for name, inside in names)
    arcs = tuple(Edge(a, b, notify, Location("site.yaml", 7)) for a, b, notify in edges)
    return Catalog("r", "e", "n", declarations, arcs, (Container(MAIN, PLACE), *containers))


def names_of(graph):
    return [str(graph.nodes[number]) for number in graph.sequence() if isinstance(graph.nodes[number], Ref)]


def test_declaration_order_breaks_ties():
    graph = order(catalog([("/b", MAIN), ("/a", MAIN), ("/c", MAIN)], [(Ref("file", "/c"), Ref("file", "/b"), False)]))
    assert names_of(graph) == ["file[/a]", "file[/c]", "file[/b]"]


def test_a_relation_to_a_class_holds_for_all_in_it_with_one_edge():
    inner = Ref("class", "a")
    many = [(f"/a{number}", inner) for number in range(50)]
    done = catalog([("/last", MAIN), *many], [(inner, Ref("file", "/last"), True)], [Container(inner, PLACE)])
    graph = order(done)
    assert names_of(graph)[-1] == "file[/last]"
    plain = [arc for arc in graph.edges if not arc.contains]
    assert len(plain) == 1
    assert graph.nodes[plain[0].source] == Anchor(inner, end=True)
    assert plain[0].notify


def test_a_contained_class_lies_between_the_anchors_of_its_container():
    outer, inner = Ref("class", "outer"), Ref("class", "inner")
    containers = [Container(outer, PLACE), Container(inner, PLACE, outer)]
    graph = order(catalog([("/x", inner), ("/after", MAIN)], [(outer, Ref("file", "/after"), False)], containers))
    assert names_of(graph) == ["file[/x]", "file[/after]"]
    assert graph.sequence().index(graph.nodes.index(Ref("file", "/x"))) < graph.sequence().index(
        graph.nodes.index(Ref("file", "/after"))
    )


def test_the_shortest_cycle_is_shown_with_its_places():
    a, b, c = (Ref("file", name) for name in ("/a", "/b", "/c"))
    graph = order(catalog([("/a", MAIN), ("/b", MAIN), ("/c", MAIN)], [(a, b, False), (b, c, True), (c, a, False)]))
    problem = cycle_problem(graph)
    assert problem.code == "cycle"
    assert "file[/a]" in problem.message
    assert sorted(note.text for note in problem.notes) == [
        "file[/a] -> file[/b]",
        "file[/b] ~> file[/c]",
        "file[/c] -> file[/a]",
    ]
    assert problem.location.line == 7


def test_no_cycle_no_problem():
    assert cycle_problem(order(catalog([("/a", MAIN)]))) is None


def test_what_is_behind_a_cycle_is_not_part_of_it():
    a, b, c = (Ref("file", name) for name in ("/a", "/b", "/c"))
    graph = order(catalog([("/a", MAIN), ("/b", MAIN), ("/c", MAIN)], [(a, b, False), (b, a, False), (b, c, False)]))
    assert "/c" not in cycle_problem(graph).message


def test_a_hundred_thousand_resources_in_a_chain_and_flat():
    many = [(f"/{number}", MAIN) for number in range(100_000)]
    refs = [Ref("file", name) for name, _ in many]
    chain = order(catalog(many, [(b, a, False) for a, b in pairwise(refs)]))
    assert names_of(chain)[0] == "file[/99999]"
    assert names_of(order(catalog(many)))[0] == "file[/0]"
    ring = order(catalog(many, [(b, a, False) for a, b in zip(refs, [*refs[1:], refs[0]], strict=True)]))
    assert len(ring.cycle()) == 100_000


def test_an_empty_class_still_stands_between():
    empty = Ref("class", "empty")
    edges = [(Ref("file", "/z"), empty, False), (empty, Ref("file", "/a"), False)]
    graph = order(catalog([("/a", MAIN), ("/z", MAIN)], edges, [Container(empty, PLACE)]))
    assert names_of(graph) == ["file[/z]", "file[/a]"]
