"""Docstrings, from the form that is read in terminals to the one that numpydoc and Sphinx read."""

import re

from sphinx.util.nodes import make_refnode

LITERAL = re.compile(r"(``.*?``|:math:`[^`]*`)")
BAR = re.compile(r"(?<!\\)\|")
RESULTS = ("Returns", "Yields")
RESULT = re.compile(r"(?:[\w.*\[\]]+,? ){0,3}[\w.*\[\]]+ : .*")  # an entry with a name or type of at most four words
LINE, COLON = "\ue000", "\ue001"  # beginning of a line of prose, and a colon in it, in the form that passes numpydoc
LISTS = ("Parameters", "Other Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns")
ENTRY = re.compile(r"(\S.*?) : (.*)")


def prepare(app, what, name, obj, options, lines):
    """Escape bars, separate names from their descriptions, and mark the prose in descriptions of results."""
    lines[:] = separate(mark(escape(lines)))


def finish(app, what, name, obj, options, lines):
    """Restore the prose that `prepare` has marked, after numpydoc."""
    lines[:] = restore(lines)


def mark(lines):
    """Put a description of results in prose into one line, because numpydoc takes each line for the name of a result.

    Examples
    --------
    >>> marked = mark(["Returns", "-------", "Dataset over ``noise``: the", "entropy", "", "Raises", "------"])
    >>> [line.replace(LINE, "¶") for line in marked]
    ['Returns', '-------', '¶Dataset over ``noise``: the¶entropy', '', 'Raises', '------']
    >>> mark(["Returns", "-------", "Stored : the network, and", "its configuration"])
    ['Returns', '-------', 'Stored : the network, and', '    its configuration']
    """
    heads = [i for i in range(len(lines) - 1) if lines[i] and re.fullmatch(r"-{3,}", lines[i + 1].strip())]
    marked, end = [], 0
    for i, following in zip(heads, [*heads[1:], len(lines)], strict=False):
        if lines[i].strip() not in RESULTS:
            continue
        marked += lines[end : i + 2]
        body = lines[i + 2 : following]
        end = following
        last = max((k + 1 for k, line in enumerate(body) if line.strip()), default=0)
        if body and RESULT.fullmatch(body[0]):
            marked += [line if not line or RESULT.fullmatch(line) else f"    {line}" for line in body[:last]]
        elif last:
            marked.append("".join(LINE + line.replace(" :", COLON) for line in body[:last]))
        marked += body[last:]
    return [*marked, *lines[end:]]


def restore(lines):
    """Restore what `mark` has marked; numpydoc adds an empty comment in place of the description of a result.

    Examples
    --------
    >>> restore([":Returns:", "", f"    {LINE}the entropy{LINE}in bit{COLON} H", "        ..", ""])
    [':Returns:', '', '    the entropy', '    in bit : H', '']
    """
    restored, is_marked = [], False
    for line in lines:
        if is_marked and line.strip() == "..":
            is_marked = False
            continue
        indent, *parts = line.split(LINE)
        is_marked = bool(parts)
        restored += [f"{indent}{part.replace(COLON, ' :')}" for part in parts] or [line]
    return restored


def escape(lines):
    """Escape the bars of absolute values, which are substitutions in reStructuredText, outside of code and formulas.

    Examples
    --------
    >>> escape(["the rate |μ|", ">>> a | b", "", ".. math:: |x|"])
    ['the rate \\\\|μ\\\\|', '>>> a | b', '', '.. math:: |x|']
    """
    escaped, block = [], None  # indentation of a directive; that of a doctest, which ends with an empty line, minus 1
    for line in lines:
        text = line.lstrip()
        indent = len(line) - len(text)
        if block is not None and ((text and indent <= block) or (not text and block < 0)):
            block = None
        if block is None and text.startswith(">>>"):
            block = -1
        elif block is None and text.startswith(".. "):
            block = indent
        if block is None:
            parts = LITERAL.split(line)
            line = "".join(part if k % 2 else BAR.sub(r"\\|", part) for k, part in enumerate(parts))
        escaped.append(line)
    return escaped


def separate(lines):
    """Put the description of a parameter into the line below its name; numpydoc expects a type in the line of the name.

    Examples
    --------
    >>> separate(["Parameters", "----------", "x : the state"])
    ['Parameters', '----------', 'x', '    the state']
    >>> separate(["Parameters", "----------", "size : N. It is large"])[-1]  # not the item N of a list
    '    \\\\N. It is large'
    """
    separated, section = [], ""
    for i, line in enumerate(lines):
        if i + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[i + 1].strip()):
            section = line.strip()
        entry = ENTRY.fullmatch(line) if section in LISTS else None
        separated += [entry[1], "    " + re.sub(r"^(?=\w\. )", r"\\", entry[2])] if entry else [line]
    return separated


def resolve(app, env, node, contnode):
    """Resolve names that docstrings abbreviate, and typeset names of parameters, which have no page, as code.

    `White` and `noise.White` stand for `noisette.White`. A lower-case name without a dot that is not public
    belongs to a parameter or an attribute.
    """
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target:
        return None
    domain = env.domains.python_domain
    matches = [name for name in domain.objects if name.endswith(f".{target}") and name.startswith("noisette.")]
    if matches:
        name = min(matches, key=lambda name: (name.count("."), len(name)))
        entry = domain.objects[name]
        return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name)
    is_parameter = re.fullmatch(r"[a-z_][a-z_0-9]*", target) or (node.get("reftype") == "obj" and " " in target)
    return contnode if is_parameter else None
