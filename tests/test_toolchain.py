"""`cc`: what it takes, what it returns, what it remembers, and how it fails."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from compilers import COMPILERS, needs_compiler
from hartlab import toolchain
from hartlab.toolchain import (
    CompileError,
    CompilerNotFoundError,
    Program,
    cache_dir,
    cc,
    find_compilers,
    store,
)
from hartlab.toolchain import run as run_module
from hartlab.toolchain import workshop as workshop_module

GCCS = [name for name in COMPILERS if name != "zig"]

needs_zig = pytest.mark.skipif("zig" not in COMPILERS, reason="the ziglang wheel is not installed")
needs_gcc = pytest.mark.skipif(not GCCS, reason="no RISC-V gcc on the PATH")
every_compiler = pytest.mark.parametrize(
    "compiler", COMPILERS or [pytest.param("zig", marks=pytest.mark.skip(reason="no C compiler for RISC-V"))]
)

HELLO = '#include "user.h"\nint main(void) { printf("hello\\n"); }\n'
DATA = "int data[3000] = {1, 2, 3};\nint zero[5000];\nint main(void) { return data[zero[7]]; }\n"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HARTLAB_CACHE", str(folder))
    return folder


@pytest.fixture
def commands(monkeypatch):
    """The commands that compile, link or archive, as they are run."""
    ran = []

    def counted(command, **options):
        ran.append(command)
        return run_module.run(command, **options)

    monkeypatch.setattr(workshop_module, "run", counted)
    return ran


# ---- The result ----


@every_compiler
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3", "-Os", "-Og"])
def test_layout_is_text_at_0_and_data_on_its_own_page(compiler, level):
    program = cc(DATA, compiler=compiler, optimize=level)
    text, data = program.segments
    assert program.elf[:7] == b"\x7fELF\x02\x01\x01"
    assert int.from_bytes(program.elf[16:18], "little") == 2  # ET_EXEC
    assert int.from_bytes(program.elf[18:20], "little") == 243  # EM_RISCV
    assert int.from_bytes(program.elf[48:52], "little") & 0x7 == 0x5  # RVC, double-float ABI
    assert (text.va, text.flags) == (0, "R-X")
    assert (data.va % 4096, data.flags) == (0, "RW-")
    assert data.va >= text.memory_size
    assert data.file_size < data.memory_size == 12000 + 20000  # bss takes no room in the file
    assert text.va < program.entry < text.memory_size


@every_compiler
def test_program_without_data_has_one_segment(compiler):
    assert [segment.flags for segment in cc(HELLO, compiler=compiler).segments] == ["R-X"]


@every_compiler
def test_first_word_of_text_is_no_instruction(compiler):
    program = cc(HELLO, compiler=compiler)
    offset = int.from_bytes(program.elf[32:40], "little")
    headers = [program.elf[at : at + 56] for at in range(offset, offset + 56 * program.elf[56], 56)]
    (text,) = [header for header in headers if header[:4] == b"\1\0\0\0" and any(header[40:48])]
    start = int.from_bytes(text[8:16], "little")
    assert program.elf[start : start + 4] == bytes(4)


@every_compiler
def test_symbols_and_lines_lead_from_address_to_source(compiler):
    pytest.importorskip("elftools")
    source = '#include "user.h"\nint number = 3;\nint twice(int n) {\n  return 2 * n;\n}\n'
    source += "int main(void) {\n  int (*volatile f)(int) = twice;\n  return f(number);\n}\n"
    program = cc(source, compiler=compiler, name="lines", optimize="-O0")
    twice, number = program.symbol("twice"), program.symbol("number")
    assert (twice.kind, number.kind, number.size) == ("function", "object", 4)
    assert program.segments[0].va < twice.address < program.segments[1].va <= number.address
    assert program.symbol("_start").address == program.entry
    assert program.symbol_at(twice.address) == "twice"
    assert program.symbol_at(twice.address + 2) == "twice+0x2"
    assert program.symbol_at(1 << 40) is None
    assert program.line(twice.address) == ("lines.c", 3)
    assert program.line(program.symbol("main").address) == ("lines.c", 6)
    assert program.line(program.entry)[0] == "start.c"
    assert program.line(1 << 40) is None
    assert not any(name.startswith((".", "$")) for name in program.symbols)
    with pytest.raises(KeyError, match="no symbol 'nowhere'"):
        program.symbol("nowhere")


@every_compiler
def test_program_reads_well_and_is_a_value(compiler):
    program = cc(HELLO, compiler=compiler, name="greeting")
    assert program.source == HELLO
    assert program.name == "greeting"
    assert program.path.read_bytes() == bytes(program) == program.elf
    assert Path(program) == program.path
    assert program == cc(HELLO, compiler=compiler, name="greeting")
    assert program != cc(HELLO, compiler=compiler, name="other")
    assert len({program, cc(HELLO, compiler=compiler, name="greeting")}) == 1
    assert repr(program).startswith("<Program 'greeting': R-X ")
    page = cc('#include "user.h"\nint main(void) { return 1 < 2; }\n', compiler=compiler)._repr_html_()
    assert "1 &lt; 2" in page
    assert "<code>R-X</code>" in page


@every_compiler
def test_result_does_not_depend_on_the_folder_it_was_compiled_in(compiler, tmp_path, monkeypatch):
    images = []
    for number in range(2):
        monkeypatch.setenv("HARTLAB_CACHE", str(tmp_path / f"cache{number}"))
        (tmp_path / str(number)).mkdir()
        monkeypatch.chdir(tmp_path / str(number))
        images.append(cc(HELLO, compiler=compiler).elf)
    assert images[0] == images[1]
    assert str(tmp_path).encode() not in images[0]


@every_compiler
def test_main_without_return_gives_zero(compiler):
    # [C17 5.1.2.2.3]; a "freestanding" compilation would leave the status to chance, and warn.
    assert cc(HELLO, compiler=compiler, flags=["-Wextra"]).remarks == ""


@every_compiler
def test_warnings_are_remarks_and_come_back_from_the_cache(compiler, cache):
    source = "int main(void) {\n  int unused;\n  return 0;\n}\n"
    first, second = (cc(source, compiler=compiler) for _ in range(2))
    assert "prog.c:2:7: warning: unused variable 'unused'" in first.remarks
    assert first.remarks == second.remarks


@every_compiler
def test_freestanding_headers_are_there_and_the_hosts_are_not(compiler):
    source = """
        #include <float.h>
        #include <limits.h>
        #include <stdarg.h>
        #include <stdbool.h>
        #include <stddef.h>
        #include <stdint.h>
        _Static_assert(sizeof(int64_t) == 8 && sizeof(uintptr_t) == 8 && sizeof(size_t) == 8, "");
        _Static_assert(INT_MAX == INT32_MAX && LONG_MAX == INT64_MAX && UINT64_MAX == ULONG_MAX, "");
        _Static_assert(INT64_MIN < 0 && INT64_C(-1) < 0 && CHAR_MIN == 0 && (char)-1 == CHAR_MAX, "");
        int main(void) { return DBL_DIG; }
        """
    assert cc(source, compiler=compiler, flags=["-Wextra", "-pedantic"]).remarks == ""
    with pytest.raises(CompileError, match=r'hint: .*#include "user\.h"'):
        cc("#include <stdio.h>\nint main(void) { return 0; }\n", compiler=compiler)


@every_compiler
def test_own_malloc_takes_the_librarys_place(compiler):
    pytest.importorskip("elftools")
    source = '#include "user.h"\nvoid *malloc(uint64 n) { return n ? 0 : (void *)1; }\n'
    source += "void free(void *p) { (void)p; }\nint main(void) { return malloc(3) != 0; }\n"
    program = cc(source, compiler=compiler, optimize="-O0")
    assert program.line(program.symbol("malloc").address)[0] == "prog.c"


@every_compiler
def test_instructions_of_zicsr_and_zicntr_assemble(compiler):
    source = 'int main(void) { long t; asm volatile("rdtime %0; fence.i" : "=r"(t)); return (int)t; }\n'
    assert cc(source, compiler=compiler).remarks == ""


# ---- What it takes ----


@every_compiler
def test_several_sources_make_one_program(compiler, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "part.c").write_text('#include "part.h"\nint first(void) { return ONE; }\n')
    (tmp_path / "a" / "part.h").write_text("#define ONE 1\n")
    (tmp_path / "b" / "part.c").write_text('#include "part.h"\nint second(void) { return TWO; }\n')
    (tmp_path / "b" / "part.h").write_text("#define TWO 2\n")
    (tmp_path / "third.S").write_text(".globl third\nthird: li a0, 3\n ret\n")
    main = (
        "int first(void), second(void), third(void);\nint main(void) { return first() + second() + third(); }"
    )
    program = cc(
        [main, tmp_path / "a" / "part.c", str(tmp_path / "b" / "part.c"), tmp_path / "third.S"],
        compiler=compiler,
        name="sum",
    )
    assert program.name == "sum"
    assert len(program.segments) == 1
    assert "// ---- sum.c\n" in program.source
    assert "// ---- third.S\n" in program.source


@every_compiler
def test_path_names_the_program_and_finds_headers_beside_it(compiler, tmp_path, monkeypatch):
    (tmp_path / "lab.c").write_text('#include "lab.h"\nint main(void) { return N; }\n')
    (tmp_path / "lab.h").write_text("#define N 3\n")
    monkeypatch.chdir(tmp_path)
    for path in ("lab.c", str(tmp_path / "lab.c"), Path("lab.c")):
        assert cc(path, compiler=compiler).name == "lab"


@every_compiler
def test_flags_come_last_and_win(compiler):
    source = '#if N != 3\n#error "N is not 3"\n#endif\nint main(void) { return N; }\n'
    assert cc(source, compiler=compiler, flags=["-DN=2", "-UN", "-DN=3"]).name == "prog"
    with pytest.raises(CompileError, match="N is not 3"):
        cc(source, compiler=compiler, flags=["-DN=4"])


@every_compiler
def test_without_ulib_the_source_stands_alone(compiler):
    source = 'void _start(void) { asm volatile("li a7, 2; li a0, 7; ecall"); for (;;) { } }\n'
    program = cc(source, compiler=compiler, ulib=False)
    assert program.segments[0].memory_size < 64
    with pytest.raises(CompileError, match=r"user\.h"):
        cc(HELLO, compiler=compiler, ulib=False)


@every_compiler
def test_without_link_the_result_is_an_object_file(compiler):
    program = cc("int twice(int n) { return 2 * n; }", compiler=compiler, link=False)
    assert int.from_bytes(program.elf[16:18], "little") == 1  # ET_REL
    assert program.path.suffix == ".o"
    with pytest.raises(ValueError, match="one source"):
        cc(["int a() { return 0; }", "int b() { return 0; }"], compiler=compiler, link=False)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"source": "no/such/file.c"}, FileNotFoundError, "no file 'no/such/file.c'.*newline or a brace"),
        ({"source": "int main(void);"}, FileNotFoundError, "newline or a brace"),
        ({"source": Path("int main() { }")}, FileNotFoundError, "no file"),
        ({"source": []}, ValueError, "no source"),
        ({"source": __file__}, ValueError, r"neither C \(\.c\) nor assembly"),
        ({"source": HELLO, "name": "../evil"}, ValueError, "not a plain file name"),
        ({"source": HELLO, "name": "-o"}, ValueError, "not a plain file name"),
        ({"source": HELLO, "name": ""}, ValueError, "not a plain file name"),
        ({"source": HELLO, "optimize": "3"}, ValueError, "'3' is none of -O0"),
        ({"source": HELLO, "flags": "-g"}, TypeError, "sequence of strings"),
    ],
)
def test_argument_without_meaning_raises_an_error_that_names_it(arguments, error, message):
    with pytest.raises(error, match=message):
        cc(**arguments)


# ---- Failures ----


@every_compiler
def test_compile_error_shows_the_compilers_message_under_the_sources_name(compiler, tmp_path):
    with pytest.raises(
        CompileError, match=r"^(mine\.c: In function 'main':\n)?mine\.c:3:11: error: "
    ) as caught:
        cc("int main(void)\n{\n  return 1\n}\n".replace("1\n", "1 2;\n"), compiler=compiler, name="mine")
    assert "hartlab-cc-" not in str(caught.value)
    assert compiler in caught.value.compiler

    (tmp_path / "wrong.c").write_text('#include "inner.h"\nint main(void) { return 0; }\n')
    (tmp_path / "inner.h").write_text("int x = ;\n")
    with pytest.raises(CompileError) as caught:
        cc(tmp_path / "wrong.c", compiler=compiler)
    assert f"{tmp_path / 'inner.h'}:1:9: error: " in str(caught.value)


@every_compiler
def test_link_error_names_function_and_line(compiler):
    source = "int nowhere(void);\nint main(void) {\n  return nowhere();\n}\n"
    with pytest.raises(CompileError, match=r"(?s)(nowhere.*prog\.c:3)|(prog\.c:3.*nowhere)") as caught:
        cc(source, compiler=compiler, optimize="-O0")
    assert "hartlab-cc-" not in str(caught.value)


@every_compiler
def test_missing_include_of_user_h_is_hinted_at(compiler):
    with pytest.raises(CompileError, match=r'hint: #include "user.h" declares printf, sbrk\.$'):
        cc('int main(void) { printf("x"); sbrk(1); unheard_of(); return 0; }', compiler=compiler)


@every_compiler
def test_failure_leaves_nothing_in_the_cache(compiler, cache):
    with pytest.raises(CompileError):
        cc("int main(void) { return x; }", compiler=compiler, ulib=False)
    assert [path for path in cache.rglob("*") if path.is_file()] == []


@every_compiler
def test_endless_output_is_cut(compiler):
    source = "".join(f"#warning {'w' * 100} {n}\n" for n in range(3000)) + "int main(void) { return x; }\n"
    with pytest.raises(CompileError) as caught:
        cc(source, compiler=compiler)
    assert len(str(caught.value)) < 100_000


def test_compiler_that_takes_too_long_is_stopped_with_its_children(tmp_path, cache):
    fake = fake_gcc(tmp_path, "echo $$ > pids; sleep 1000 & echo $! >> pids; wait")
    start = time.monotonic()
    with pytest.raises(CompileError, match=r"took more than 0\.5 s"):
        cc(HELLO, compiler=fake, timeout=0.5)
    assert time.monotonic() - start < 10
    for pid in (tmp_path / "pids").read_text().split():
        assert gone(int(pid))


def gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def fake_gcc(folder: Path, action: str) -> Path:
    """An executable that answers a compiler's questions; told to compile, it does `action` in `folder`."""
    if os.name != "posix" or not Path("/proc").is_dir():
        pytest.skip("needs a POSIX shell and /proc")
    path = folder / "fake-gcc"
    path.write_text(
        textwrap.dedent(f"""\
            #!/bin/sh
            case "$1" in
              -dumpmachine) echo riscv64-fake-elf; exit;;
              --version) echo "fake-gcc 1.0"; exit;;
              -print-*) echo /nowhere; exit;;
            esac
            cd {folder}
            {action}
            """)
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_compiler_that_fails_without_a_word_is_reported(tmp_path, cache):
    with pytest.raises(CompileError, match="ended with status 9 and said nothing"):
        cc(HELLO, compiler=fake_gcc(tmp_path, "exit 9"))


# ---- Compilers ----


def test_missing_default_compiler_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CompilerNotFoundError, match=r'pip install "hartlab\[cc\]"'):
        cc(HELLO)


@needs_gcc
def test_missing_default_compiler_points_at_a_gcc_that_is_there(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CompilerNotFoundError, match=f'compiler="{GCCS[0]}"'):
        cc(HELLO)


@pytest.mark.parametrize("wanted", ["gcc", "riscv64-linux-gnu-gcc", "/no/such/compiler"])
def test_missing_gcc_says_what_else_there_is(wanted, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(CompilerNotFoundError, match=r'pip install "hartlab\[cc\]"'):
        cc(HELLO, compiler=wanted)


def test_compiler_for_another_machine_is_refused(tmp_path):
    fake = fake_gcc(tmp_path, "exit 0")
    fake.write_text(fake.read_text().replace("riscv64-fake-elf", "x86_64-linux-gnu"))
    with pytest.raises(CompilerNotFoundError, match="compiles for x86_64-linux-gnu, not riscv64"):
        cc(HELLO, compiler=fake)


@needs_gcc
def test_gcc_picks_the_first_on_the_path_and_a_path_is_taken_as_it_is():
    by_family, by_name = cc(HELLO, compiler="gcc"), cc(HELLO, compiler=GCCS[0])
    by_path = cc(HELLO, compiler=by_name.compiler.path)
    assert by_family.compiler == by_name.compiler
    assert by_path.elf == by_name.elf
    assert by_path.compiler.family == "gcc"


def test_found_compilers_have_a_version_and_exist():
    for compiler in find_compilers():
        assert compiler.path.is_file()
        assert any(character.isdigit() for character in compiler.version)


# ---- The cache ----


@every_compiler
def test_second_call_does_not_run_the_compiler(compiler, cache, commands):
    first = cc(HELLO, compiler=compiler)
    assert len(commands) > 2  # the library too
    commands.clear()
    second = cc(HELLO, compiler=compiler)
    assert commands == []
    assert second.elf == first.elf
    assert second.path == first.path
    assert first.path.is_relative_to(cache)


@every_compiler
def test_library_is_compiled_once_for_many_programs(compiler, cache, commands):
    cc(HELLO, compiler=compiler)
    commands.clear()
    cc(HELLO + "// another\n", compiler=compiler)
    assert len(commands) == 2  # compile, link


@every_compiler
@pytest.mark.parametrize(
    "change",
    [{"source": HELLO + "\n"}, {"name": "other"}, {"optimize": "-O2"}, {"flags": ["-DX"]}, {"link": False}],
    ids=lambda change: next(iter(change)),
)
def test_every_input_is_part_of_the_key(compiler, cache, commands, change):
    arguments = {"source": HELLO, "compiler": compiler}
    cc(**arguments)
    commands.clear()
    cc(**{**arguments, **change})
    assert commands != []


@every_compiler
def test_changed_header_compiles_again_and_its_return_is_found(compiler, cache, tmp_path, commands):
    header, source = tmp_path / "my n.h", tmp_path / "prog.c"  # a space: make rules quote it
    source.write_text('#include "my n.h"\nint n = N;\nint main(void) { return n; }\n')
    header.write_text("#define N 1\n")
    one = cc(source, compiler=compiler)
    header.write_text("#define N 2\n")
    two = cc(source, compiler=compiler)
    assert one.elf != two.elf
    commands.clear()
    assert cc(source, compiler=compiler).elf == two.elf
    assert commands == []
    header.unlink()
    with pytest.raises(CompileError, match=r"my n\.h"):
        cc(source, compiler=compiler)


@needs_compiler
@pytest.mark.parametrize("damage", ["truncated", "changed", "deleted", "recipe"])
def test_damaged_entry_is_made_again(damage, cache):
    good = cc(HELLO, compiler=COMPILERS[0])
    if damage == "truncated":
        good.path.write_bytes(good.elf[:100])
    elif damage == "changed":
        good.path.write_bytes(good.elf[:-1] + bytes([good.elf[-1] ^ 1]))
    elif damage == "deleted":
        good.path.unlink()
    else:
        for recipe in cache.rglob("*.json"):
            recipe.write_text("{")
    again = cc(HELLO, compiler=COMPILERS[0])
    assert again.elf == good.elf
    assert again.path.read_bytes() == good.elf


@needs_compiler
def test_unwritable_cache_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("HARTLAB_CACHE", str(tmp_path / "file" / "cache"))
    program = cc(HELLO, compiler=COMPILERS[0])
    assert program.path.read_bytes() == program.elf
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HARTLAB_CACHE": "/somewhere"}, "/somewhere"),
        ("linux", {"XDG_CACHE_HOME": "/xdg"}, "/xdg/hartlab"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/me/.cache/hartlab"),
        ("linux", {}, "/home/me/.cache/hartlab"),
        ("darwin", {}, "/home/me/Library/Caches/hartlab"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/hartlab/Cache"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="paths of the table are POSIX's")
def test_cache_dir_follows_the_platforms_rules(monkeypatch, platform, environment, expected):
    for name in ("HARTLAB_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_dir() == Path(expected)


def test_digest_tells_parts_apart():
    assert store.digest("ab", "c") != store.digest("a", "bc")
    assert store.digest("a") == store.digest(b"a")


@needs_compiler
def test_processes_share_an_empty_cache_safely(cache):
    code = """
import hashlib, sys
from hartlab.toolchain import cc
for n in range(3):
    program = cc(f"int main(void) {{ return {n}; }}", compiler=sys.argv[1])
    print(hashlib.sha256(program.elf).hexdigest(), program.path.stem)
"""
    children = [
        subprocess.Popen([sys.executable, "-c", code, COMPILERS[0]], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [child.communicate(timeout=120)[0].split() for child in children]
    assert [child.returncode for child in children] == [0] * 4
    assert len(outputs[0]) == 6
    assert outputs[0][::2] == outputs[0][1::2]  # the file is named by its contents
    assert all(output == outputs[0] for output in outputs)
    assert list(cache.rglob(".new-*")) == []


@needs_compiler
def test_threads_share_an_empty_cache_safely(cache):
    results: list[Program] = []
    threads = [
        threading.Thread(target=lambda: results.append(cc(HELLO, compiler=COMPILERS[0]))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({program.elf for program in results}) == 1
    assert len(results) == 4


def test_import_loads_no_compiler_and_no_elf_reader():
    code = "import sys, hartlab.toolchain; print([m for m in ('ziglang', 'elftools') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names_have_docstrings():
    for name in toolchain.__all__:
        assert getattr(toolchain, name).__doc__, name
