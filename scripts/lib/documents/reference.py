"""The reference of everything public, read from the sources: nothing is imported for it."""

from collections.abc import Iterator, Mapping, Sequence

from griffe import Alias, Attribute, Class, Function, GriffeLoader, Module, Object, TypeAlias

from documents.docstrings import docstring_text
from workspace import ROOT, member_folders


def load_modules(names: Sequence[str]) -> Mapping[str, Module]:
    """Read the packages of these modules, and return the modules by name."""
    folders = [str(ROOT / folder) for folder in member_folders(ROOT)]
    loader = GriffeLoader(search_paths=folders, docstring_parser="google", allow_inspection=False)
    for package in dict.fromkeys(name.partition(".")[0] for name in names):
        loader.load(package)
    loader.resolve_aliases(implicit=True, external=False)
    return {name: loader.modules_collection[name] for name in names}


def public_names(module: Module) -> Mapping[str, Object]:
    """Return what a module offers: what ``__all__`` lists, or what it defines without an underscore."""
    if module.exports is not None:
        return {str(name): _resolved(module.members[str(name)]) for name in module.exports}
    own = {name: member for name, member in module.members.items() if isinstance(member, Object)}
    return {
        name: member
        for name, member in own.items()
        if not name.startswith("_") and not isinstance(member, Module)
    }


def reference_page(title: str, modules: Mapping[str, Module]) -> str:
    """Return one page with these modules."""
    return (
        "\n\n".join([f"# {title}", *(piece for module in modules.items() for piece in _module(*module))])
        + "\n"
    )


def _module(name: str, module: Module) -> Iterator[str]:
    yield f"## {name}"
    yield docstring_text(module.docstring)
    for each, member in public_names(module).items():
        yield f"### {each}"
        yield from _member(member)


def _member(member: Object) -> Iterator[str]:
    match member:
        case Class():
            yield from _class(member)
        case Function():
            yield _code(_signature(member))
            yield docstring_text(member.docstring)
        case Attribute() | TypeAlias():
            yield _code(_assigned(member))
            yield docstring_text(member.docstring)
        case Module():
            yield docstring_text(member.docstring)
        case _:
            raise ValueError(f"{member.path} is of a kind that nobody has put into words yet")


def _class(found: Class) -> Iterator[str]:
    public = [each for each in found.members.values() if not each.name.startswith("_")]
    members = [each for each in public if isinstance(each, Function | Attribute)]
    methods = [each for each in members if isinstance(each, Function) or "property" in each.labels]
    bases = f"({', '.join(map(str, found.bases))})" if found.bases else ""
    lines = [
        f"    {_assigned(each)}" for each in members if isinstance(each, Attribute) and each not in methods
    ]
    yield _code("\n".join([f"class {found.name}{bases}", *lines]))
    yield docstring_text(found.docstring)
    for each in methods:
        yield f"#### {found.name}.{each.name}"
        yield _code(_signature(each) if isinstance(each, Function) else _assigned(each))
        yield docstring_text(each.docstring)


def _signature(function: Function) -> str:
    begin = "async def" if "async" in function.labels else "def"
    words = function.signature(return_type=False)
    returns = f" -> {function.returns}" if function.returns else ""
    return f"{begin} {words}{returns}"


def _assigned(attribute: Attribute | TypeAlias) -> str:
    if isinstance(attribute, TypeAlias) or attribute.annotation is None:
        return f"{attribute.name} = {attribute.value}"
    shown = attribute.value is not None and len(str(attribute.value)) < 60
    return f"{attribute.name}: {attribute.annotation}" + (f" = {attribute.value}" if shown else "")


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _resolved(member: Object | Alias) -> Object:
    return member.final_target if isinstance(member, Alias) else member
