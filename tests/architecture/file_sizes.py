"""One concept, one file: no source file over 400 lines. A table of facts may be longer; it says so
in its first line, `// table`."""
import tree

LIMIT = 400
names = tree.files(".cpp", ".hpp", ".py", ".sh")
problems = []
for name in names:
    lines = (tree.ROOT / name).read_text().splitlines()
    if len(lines) > LIMIT and lines[0] != "// table":
        problems.append(f"{name}:{LIMIT + 1}: {len(lines)} lines, allowed are {LIMIT}")
tree.report(problems, f"sizes of {len(names)} files")
