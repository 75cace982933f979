package neon

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// assembled returns what the assembler of GNU binutils makes of lines, one word for each.
func assembled(t *testing.T, lines []string) []uint32 {
	t.Helper()
	as, err := exec.LookPath("aarch64-linux-gnu-as")
	if err != nil {
		t.Skip("no aarch64-linux-gnu-as (Debian: binutils-aarch64-linux-gnu)")
	}
	object := filepath.Join(t.TempDir(), "x.o")
	cmd := exec.Command(as, "-o", object, "-")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := elf.Open(object)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := f.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	words := make([]uint32, len(text)/4)
	if err := binary.Read(bytes.NewReader(text), binary.LittleEndian, words); err != nil {
		t.Fatal(err)
	}
	if len(words) != len(lines) {
		t.Fatalf("%d words for %d lines", len(words), len(lines))
	}
	return words
}

// Every instruction, with registers that set each bit of their fields, is what the assembler of binutils writes.
func TestInstructionsAreWhatBinutilsWrites(t *testing.T) {
	var all []Instruction
	for _, r := range [][3]int{{0, 0, 0}, {31, 0, 0}, {0, 31, 0}, {0, 0, 31}, {1, 2, 3}, {21, 10, 26}} {
		d, a, c := V(r[0]), V(r[1]), V(r[2])
		x, y := X(r[1]%31), X(r[2]%31)
		for _, op := range binaries {
			all = append(all, op.Of(d, a, c))
		}
		for _, op := range unary {
			all = append(all, op.Of(d, a))
		}
		for _, n := range []uint{1, 23, 31} {
			all = append(all, ShiftLeft(d, a, n), ShiftRight(d, a, n))
		}
		for lane := range 4 {
			all = append(all, MulAddLane(d, a, c, lane), LoadLane(d, lane, x), StoreLane(d, lane, x))
		}
		for _, size := range []int{One, Two, Four} {
			all = append(all, LoadIndexed(d, x, y, size), StoreIndexed(d, x, y, size))
			for _, offset := range []int{0, size, 4095 * size} {
				all = append(all, Load(d, x, offset, size), Store(d, x, offset, size))
			}
		}
		all = append(all, Zero(d), Move(d, a), Fill(d, x))
	}
	var lines []string
	for _, in := range all {
		lines = append(lines, in.Text)
	}
	for i, w := range assembled(t, lines) {
		if w != all[i].Word {
			t.Errorf("%s is %#08x, not %#08x", all[i].Text, w, all[i].Word)
		}
	}
}

// The words in the committed files are what their comments say.
func TestCommittedWordsAreWhatTheirCommentsSay(t *testing.T) {
	files, err := filepath.Glob("../../*/*_arm64.s")
	if err != nil || len(files) == 0 {
		t.Fatal("no assembly found", err)
	}
	line := regexp.MustCompile(`(?m)^\tWORD \$0x([0-9a-f]{8}) // (.*)$`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		var words []uint32
		for _, m := range line.FindAllSubmatch(text, -1) {
			w, err := strconv.ParseUint(string(m[1]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			words, texts = append(words, uint32(w)), append(texts, string(m[2]))
		}
		if len(words) != bytes.Count(text, []byte("WORD")) || len(words) == 0 {
			t.Fatalf("%s has words without a comment, or none", name)
		}
		for i, w := range assembled(t, texts) {
			if w != words[i] {
				t.Errorf("%s: %s is %#08x, not %#08x", name, texts[i], w, words[i])
			}
		}
	}
}

// A block keeps values apart that live at the same time, and says when registers run out.
func TestBlockFindsRegisters(t *testing.T) {
	f := NewFile("x", "test")
	build := func() *Block {
		b := new(Block)
		x := b.Make(func(g *Func, dst V) { g.FillBits(1, dst) })
		y := b.Make(func(g *Func, dst V) { g.FillBits(2, dst) })
		z := b.Tied(BSL, x, y, y) // x lives on, and so is copied
		sum := b.Binary(FADD, b.Binary(FADD, x, y), z)
		b.Use(sum, func(g *Func, v V) { g.Do(Store(v, 0, 0, Four)) })
		return b
	}
	g := f.Func("f", "a *byte", "f tests")
	before := f.asm.Len()
	if build().Write(g, []V{4, 5}) {
		t.Fatal("three values do not fit two registers")
	}
	if f.asm.Len() != before {
		t.Fatal("something was written")
	}
	if !build().Write(g, []V{4, 5, 6}) {
		t.Fatal("three registers are enough")
	}
	text := f.asm.String()[before:]
	want := []string{
		"dup v4.4s", "dup v5.4s", "orr v6.16b, v4.16b, v4.16b", "bsl v6.16b, v5.16b, v5.16b", "fadd v4.4s, v4.4s, v5.4s",
		"fadd v5.4s, v4.4s, v6.4s", "str q5, [x0]",
	}
	for _, w := range want {
		_, rest, ok := strings.Cut(text, w)
		if !ok {
			t.Fatalf("no %q in what follows\n%s", w, text)
		}
		text = rest
	}
}
