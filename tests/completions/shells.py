"""What a shell offers behind a line that is typed at a terminal: offers(SHELL, SCRIPT, LINES, DIRECTORY)
gives for each line the set of words."""
import os
import pty
import select
import shlex
import signal
import subprocess
import time

LIMIT = 30  # seconds; a shell answers in milliseconds

# M-* puts all that is offered into the line, which is then shown in place of being run.
BASH = r"""
PS1= PS2=
bind 'set bell-style none'; bind 'set enable-bracketed-paste off'
show() { shift; printf '%%s\n' "$@" >%(answer)s.new; mv %(answer)s.new %(answer)s; }
source %(script)s
"""

# What completion functions hand to zsh goes through compadd.
ZSH = r"""
PS1= PS2= LISTMAX=100000
unsetopt beep zle_bracketed_paste 2>/dev/null
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' list-prompt ''
compadd() {
  setopt local_options no_rc_expand_param
  if [[ "${@[1,(i)(-|--)]}" == *-(O|A|D)* ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -O hits "$@"
  print -rl -- "${hits[@]}" >>%(answer)s.new
  builtin compadd "$@"
}
show() { print -n >>%(answer)s.new; mv %(answer)s.new %(answer)s; }
# A TAB with more keys behind it is a TAB.
offer() { zle complete-word; show; BUFFER=; }
zle -N offer
bindkey '^Xo' offer
source %(script)s
"""


def wait_for(path, terminal, said):
    end = time.monotonic() + LIMIT
    while not os.path.exists(path):
        if time.monotonic() > end:
            raise AssertionError("the shell does not answer; it said:\n" + "".join(said))
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                said.append(os.read(terminal, 65536).decode(errors="replace"))
            except OSError:
                time.sleep(0.05)
    with open(path) as file:
        return file.read().splitlines()


def at_a_terminal(shell, script, lines, directory):
    answer = os.path.join(os.path.dirname(script), "answer")
    setup = os.path.join(os.path.dirname(script), "setup")
    with open(setup, "w") as file:
        file.write((BASH if shell == "bash" else ZSH) % {"answer": shlex.quote(answer),
                                                         "script": shlex.quote(script)})
    start = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.environ.update(TERM="dumb", COLUMNS="200", LC_ALL="C.UTF-8", HISTFILE="")
        os.execvp(start[0], start)
    offered, said = {}, []
    try:
        os.write(terminal, f"source {shlex.quote(setup)}; show ready\r".encode())
        wait_for(answer, terminal, said)
        for line in lines:
            os.unlink(answer)
            if shell == "bash":
                # `show` takes the place of the words that were typed in full.
                typed = len(shlex.split(line)) - (not line.endswith(" "))
                keys = f"{line}\x1b*\x01show {typed} \r"
                os.write(terminal, keys.encode())
                offered[line] = set(wait_for(answer, terminal, said)[typed:])
            else:
                os.write(terminal, f"{line}\x18o".encode())
                offered[line] = set(wait_for(answer, terminal, said)) - {""}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
    return offered


def of_fish(script, lines, directory):
    offered = {}
    for line in lines:
        done = subprocess.run(["fish", "--no-config", "-c",
                               f"source {shlex.quote(script)}; complete -C {shlex.quote(line)}"],
                              cwd=directory, capture_output=True, text=True, timeout=LIMIT, check=True)
        assert not done.stderr, done.stderr
        offered[line] = {word.split("\t")[0] for word in done.stdout.splitlines()}
    return offered


def offers(shell, script, lines, directory):
    if shell == "fish":
        return of_fish(script, lines, directory)
    return at_a_terminal(shell, script, lines, directory)
