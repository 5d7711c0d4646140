"""fill_diagonal_, decompositions of low rank and DLPack capsules agree with PyTorch's."""

import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

LIBRARIES = (tane, torch)


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (7, 2), (3, 2), (2, 5), (3, 3, 3)])
def test_fill_diagonal(shape, wrap):
    ours, theirs = (m.zeros(shape).fill_diagonal_(2.5, wrap=wrap) for m in LIBRARIES)
    assert ours.tolist() == theirs.tolist()
    ours, theirs = (m.zeros(shape[::-1]).permute(*range(len(shape))[::-1]).fill_diagonal_(1) for m in LIBRARIES)
    assert ours.tolist() == theirs.tolist()


def test_fill_diagonal_has_no_gradient_where_it_wrote():
    x = tane.ones(2, 2, requires_grad=True)
    (x * 3).fill_diagonal_(7).sum().backward()
    assert x.grad.tolist() == [[0, 3], [3, 0]]
    with pytest.raises(RuntimeError, match="dimensions must larger than 1"):
        tane.zeros(3).fill_diagonal_(1)
    with pytest.raises(RuntimeError, match="equal length"):
        tane.zeros(2, 2, 3).fill_diagonal_(1)


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (2, 6, 5)])
@pytest.mark.parametrize("center", [True, False])
def test_pca_lowrank_and_svd_lowrank(shape, center):
    found = []
    for m in LIBRARIES:
        m.manual_seed(1)
        a = m.randn(*shape, dtype=m.float64)
        u, s, v = m.pca_lowrank(a, 3, center=center)
        low = m.svd_lowrank(a, q=2, niter=1, M=a.mean(-1, keepdim=True).expand(*shape))
        found.append([s, u @ m.diag_embed(s) @ v.mH, low[1], low[0].abs(), low[2].abs()])
    for ours, theirs in zip(*found, strict=True):
        assert ours.numpy() == pytest.approx(theirs.numpy(), rel=1e-6, abs=1e-9)
    for wrong in ({"q": 5}, {"niter": -1}):
        with pytest.raises(ValueError, match="must be non-negative"):
            tane.pca_lowrank(tane.ones(4, 4), **wrong)


def test_dlpack_capsules():
    from tane.utils.dlpack import from_dlpack, to_dlpack

    t = tane.arange(3.0)
    same = from_dlpack(to_dlpack(t))
    same[0] = 5
    assert t.tolist() == [5, 1, 2]


def test_signed_whole_numbers_may_be_written_to_unsigned_ones():
    assert tane.can_cast(tane.int8, tane.uint8)
    assert tane.ones(2, dtype=tane.uint8).add_(tane.ones(2, dtype=tane.int16)).tolist() == [2, 2]


def test_writing_to_a_part_of_a_leaf_is_said_to_be_writing_to_a_view():
    for write in (lambda x: x.__setitem__(0, 5), lambda x: x.__setitem__(slice(1, 2), 5), lambda x: x.__setitem__(slice(None), 5)):
        said = []
        for m in LIBRARIES:
            with pytest.raises(RuntimeError) as error:
                write(m.ones(3, requires_grad=True))
            said.append(str(error.value))
        assert said[0].startswith(said[1])
