package pickle

import (
	"bufio"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func orderedDictOnly(n Name) bool {
	return n == Name{"collections", "OrderedDict"} || n == Name{"m", "f"}
}

func read(s string) (any, error) {
	return Read(bufio.NewReader(strings.NewReader(s)), orderedDictOnly)
}

const proto = "\x80\x02"

func TestRead(t *testing.T) {
	ordered := "ccollections\nOrderedDict\n"
	for _, c := range []struct {
		name, pickle string
		want         any
	}{
		{"none", "N.", nil},
		{"booleans", "\x88\x89\x86.", Tuple{true, false}},
		{"integers", "(K\xffM\xff\xffJ\xff\xff\xff\xfft.", Tuple{int64(255), int64(65535), int64(-1)}},
		{"longs", "(\x8a\x00\x8a\x01\xff\x8a\x02\x00\x01\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01t.",
			Tuple{int64(0), int64(-1), int64(256), int64(-1 << 63), Other{}}},
		{"long4", "\x8b\x01\x00\x00\x00\x05.", int64(5)},
		{"float", "G\x3f\xe0\x00\x00\x00\x00\x00\x00.", 0.5},
		{"strings", "(X\x02\x00\x00\x00\xc3\xa9\x8c\x01aU\x01bT\x01\x00\x00\x00c\x8d\x01\x00\x00\x00\x00\x00\x00\x00dU\x01\xfft.",
			Tuple{"é", "a", "b", "c", "d", Other{}}},
		{"list", "](K\x01K\x02eK\x03a.", &List{[]any{int64(1), int64(2), int64(3)}}},
		{"list of mark", "(K\x01l.", &List{[]any{int64(1)}}},
		{"dict", "}(\x8c\x01aK\x01u\x8c\x01bK\x02s.", &Dict{[]any{"a", "b"}, []any{int64(1), int64(2)}}},
		{"dict of mark", "(\x8c\x01aK\x01d.", &Dict{[]any{"a"}, []any{int64(1)}}},
		{"tuples", ")K\x01\x85K\x02K\x03K\x04\x87\x87.", Tuple{Tuple{}, Tuple{int64(1)}, Tuple{int64(2), int64(3), int64(4)}}},
		{"memo", "\x8c\x01aq\x050h\x05r\x00\x01\x00\x00j\x00\x01\x00\x00\x86.", Tuple{"a", "a"}},
		{"memoize", "\x8c\x01a\x940h\x00.", "a"},
		{"pop to mark", "K\x01(K\x02K\x031.", int64(1)},
		{"dup", "K\x012\x86.", Tuple{int64(1), int64(1)}},
		{"frame", "\x95\x00\x00\x00\x00\x00\x00\x00\x00N.", nil},
		{"ordered dict", ordered + ")R.", &Dict{}},
		{"ordered dict of pairs", ordered + "](](\x8c\x01aK\x01e\x8c\x01bK\x02\x86e\x85R.", &Dict{[]any{"a", "b"}, []any{int64(1), int64(2)}}},
		{"attributes", ordered + ")R}\x8c\x01x" + "Nsb.", &Dict{}},
		{"call", "cm\nf\nK\x01\x85R.", &Call{Name{"m", "f"}, Tuple{int64(1)}}},
		{"stack global", "\x8c\x01m\x8c\x01f\x93.", Name{"m", "f"}},
		{"reference", "\x8c\x01kQ.", Ref{"k"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(proto + c.pickle)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			for i := range len(c.pickle) {
				_, err := read(proto + c.pickle[:i])
				require.Error(t, err)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	huge := string(binary.LittleEndian.AppendUint32(nil, maxText+1))
	for _, c := range []struct{ name, pickle, want string }{
		{"system", proto + "cposix\nsystem\n\x8c\x02ls\x85R.", `names "posix.system"`},
		{"builtins", proto + "\x8c\x08builtins\x8c\x04eval\x93.", `names "builtins.eval"`},
		{"other attribute", proto + "ccollections\nOrderedDict.__init__\n.", "OrderedDict.__init__"},
		{"instance", proto + "(icopy_reg\n_reconstructor\n.", "the instruction 0x69"},
		{"new object", proto + ")\x81.", "the instruction 0x81"},
		{"extension", proto + "\x82\x01.", "the instruction 0x82"},
		{"protocol 0", "I1\n.", "not a pickle"},
		{"protocol 6", "\x80\x06N.", "not a pickle"},
		{"empty", "", "cut short"},
		{"left over", proto + "NN.", "left over"},
		{"nothing", proto + ".", "missing on its stack"},
		{"mark as value", proto + "(.", "missing on its stack"},
		{"mark in tuple", proto + "N(\x86.", "missing on its stack"},
		{"no mark", proto + "Nt.", "missing on its stack"},
		{"unknown memo", proto + "h\x01.", "has not made"},
		{"append to a number", proto + "K\x01Na.", "appends to a int64"},
		{"set in a list", proto + "]NNs.", "sets items of a *pickle.List"},
		{"odd items", proto + "}(Nu.", "missing on its stack"},
		{"call of a text", proto + "\x8c\x01a)R.", "calls something that is no function"},
		{"call without tuple", proto + "cm\nf\nNR.", "calls something that is no function"},
		{"attributes of a call", proto + "cm\nf\n)R}b.", "sets attributes"},
		{"ordered dict of text", proto + "ccollections\nOrderedDict\n\x8c\x01a\x85R.", "OrderedDict of a string"},
		{"ordered dict of triples", proto + "ccollections\nOrderedDict\n]]a\x85R.", "other than pairs"},
		{"long text", proto + "X" + huge + strings.Repeat("x", maxText+1) + ".", "more than the limit of 1048576"},
		{"claimed text", proto + "X\x00\x00\x0f\x00abc", "cut short"},
		{"long name", proto + "c" + strings.Repeat("x", 300) + "\n", "more than 256 bytes"},
		{"many values", proto + strings.Repeat("N", maxValues+1) + ".", "more than the limit of 2097152 values"},
		{"many texts", proto + strings.Repeat("X\x00\x00\x10\x00"+strings.Repeat("x", 1<<20)+"0", 33) + "N.", "bytes of text"},
		// A list that is copied over and over grows faster than the pickle.
		{"bomb", proto + "](" + strings.Repeat("NN\x86", 3000) + "e\x85q\x000" + strings.Repeat("ccollections\nOrderedDict\nh\x00R0", 1000) + "N.", "more than the limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(c.pickle)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestPicklesFollowEachOther(t *testing.T) {
	r := bufio.NewReader(strings.NewReader(proto + "K\x01." + proto + "K\x02.rest"))
	for want := range 2 {
		v, err := Read(r, orderedDictOnly)
		require.NoError(t, err)
		require.Equal(t, int64(want+1), v)
	}
	rest, err := r.ReadString(0)
	require.Error(t, err)
	require.Equal(t, "rest", rest)
}

func TestGetTakesTheLast(t *testing.T) {
	d := &Dict{[]any{"a", int64(1), "a"}, []any{1, 2, 3}}
	v, ok := d.Get("a")
	require.True(t, ok)
	require.Equal(t, 3, v)
	_, ok = d.Get("b")
	require.False(t, ok)
}

func FuzzRead(f *testing.F) {
	f.Add(proto + "ccollections\nOrderedDict\n)R}\x8c\x01xNsb.")
	f.Add(proto + "](](\x8c\x01aK\x01e\x8c\x01bK\x02\x86e\x85.")
	f.Add(proto + "(K\xffM\xff\xffJ\xff\xff\xff\xff\x8a\x01\xffG\x3f\xe0\x00\x00\x00\x00\x00\x00t.")
	f.Add(proto + "\x8c\x01aq\x050h\x05r\x00\x01\x00\x00j\x00\x01\x00\x00\x86Q.")
	f.Add("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x01m\x8c\x01f\x93)R\x94.")
	f.Fuzz(func(t *testing.T, s string) {
		called := false
		v, err := Read(bufio.NewReader(strings.NewReader(s)), func(n Name) bool {
			called = true
			return n.Module == "m"
		})
		if n, ok := v.(Name); err == nil && ok {
			require.True(t, called)
			require.Equal(t, "m", n.Module)
		}
	})
}
