package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func param(n int) *autograd.Var { return autograd.Const(tensor.New(n)) }

type inner struct {
	W     *autograd.Var  `nn:"w"`
	State *tensor.Tensor `nn:"state"`
}

type outer struct {
	First  *inner           `nn:"first"`
	List   []*inner         `nn:"list"`
	Pair   [2]*autograd.Var `nn:"pair"`
	Any    any              `nn:"any"`
	Flat   inner            `nn:"."`
	Index  []*autograd.Var  `nn:"k_l*_end"`
	Absent *inner           `nn:"absent"`
	Kept   *inner           `nn:"-"`

	Scale  float64 // configuration needs no tag
	Cached *tensor.Tensor
	Sizes  []int
	notes  map[string]int
}

func newOuter() *outer {
	in := func() *inner { return &inner{W: param(1), State: tensor.New(2)} }
	return &outer{
		First: in(), List: []*inner{in(), in()}, Pair: [2]*autograd.Var{param(3), param(4)}, Any: in(), Flat: *in(),
		Index: []*autograd.Var{param(1), param(2)}, Kept: in(), Cached: tensor.New(9), notes: map[string]int{"a": 1},
	}
}

func names(m any) []string {
	var out []string
	for _, e := range nn.Walk(m) {
		out = append(out, e.Name)
	}
	return out
}

func TestWalkNamesWhatItFinds(t *testing.T) {
	m := newOuter()
	require.Equal(t, []string{
		"first.w", "first.state", "list.0.w", "list.0.state", "list.1.w", "list.1.state", "pair.0", "pair.1", "any.w",
		"any.state", "w", "state", "k_l0_end", "k_l1_end",
	}, names(m))
	require.Len(t, nn.Params(m), 9)
	require.Equal(t, 1+1+1+3+4+1+1+1+2, nn.NumParams(m))
	for _, e := range nn.Walk(m) {
		require.True(t, (e.Param == nil) != (e.State == nil), e.Name)
		require.NotNil(t, e.Tensor(), e.Name)
	}
	require.Empty(t, nn.Walk(nil))
	require.Empty(t, nn.Walk((*outer)(nil)))
	require.Equal(t, map[string]int{"a": 1}, m.notes)
}

func TestWalkVisitsTiedWeightsOnce(t *testing.T) {
	shared := &inner{W: param(5)}
	m := &struct {
		A, B *inner        `nn:"x"`
		C    *autograd.Var `nn:"c"`
	}{A: shared, B: shared, C: shared.W}
	require.Equal(t, []string{"x.w"}, names(m))
}

func TestWalkPanics(t *testing.T) {
	w := param(1)
	type hidden struct{ w *autograd.Var }
	_ = hidden{w}.w
	type container struct {
		Layers []any
	}
	for message, m := range map[string]any{
		"nn.Walk: field W of struct { W *autograd.Var } holds parameters but has no nn tag": &struct{ W *autograd.Var }{w},
		"nn.Walk: field w of nn_test.hidden holds parameters but has no nn tag":             &hidden{w},
		"nn.Walk: field w of struct { w *autograd.Var \"nn:\\\"w\\\"\" } has an nn tag but is unexported": &struct {
			w *autograd.Var `nn:"w"`
		}{w},
		"nn.Walk: field M of struct { M map[string]*autograd.Var \"nn:\\\"m\\\"\" } has an nn tag, but a map[string]*autograd.Var holds no parameters": &struct {
			M map[string]*autograd.Var `nn:"m"`
		}{},
		"nn.Walk: field M of struct { M map[string]*autograd.Var } holds parameters but has no nn tag": &struct{ M map[string]*autograd.Var }{},
		"nn.Walk: field N of struct { N int \"nn:\\\"n\\\"\" } has an nn tag, but a int holds no parameters": &struct {
			N int `nn:"n"`
		}{},
		"nn.Walk: two entries are named \"w\"": &struct {
			A *autograd.Var `nn:"w"`
			B *autograd.Var `nn:"w"`
		}{w, param(1)},
		"nn.Walk: field A of struct { A *autograd.Var \"nn:\\\"a.b\\\"\" } has the tag nn:\"a.b\", which is not a name": &struct {
			A *autograd.Var `nn:"a.b"`
		}{w},
		"nn.Walk: field A of struct { A *autograd.Var \"nn:\\\"a*\\\"\" } has the tag nn:\"a*\"; one * stands for the index into a slice or array": &struct {
			A *autograd.Var `nn:"a*"`
		}{w},
		// Interfaces hide parameters from the type, not from the walk.
		"nn.Walk: field A of struct { A interface {} } holds parameters (a *nn_test.inner) but has no nn tag":                      &struct{ A any }{&inner{W: w}},
		"nn.Walk: field L of struct { L []interface {} } holds parameters (a *nn.Linear) but has no nn tag":                        &struct{ L []any }{[]any{1, nn.NewLinear(1, 1, nn.LinearOptions{}, newRand())}},
		"nn.Walk: field S of struct { S nn.Sequential } holds parameters (a *nn.Linear) but has no nn tag":                         &struct{ S nn.Sequential }{nn.Sequential{nn.NewLinear(1, 1, nn.LinearOptions{}, newRand())}},
		"nn.Walk: field M of struct { M map[int]nn.Plain } holds parameters (a *nn.Linear) but has no nn tag":                      &struct{ M map[int]nn.Plain }{map[int]nn.Plain{1: nn.NewLinear(1, 1, nn.LinearOptions{}, newRand())}},
		"nn.Walk: \"\" is a map[string]*autograd.Var; parameters can be found in structs, pointers, slices, arrays and interfaces": map[string]*autograd.Var{},
	} {
		require.PanicsWithValue(t, message, func() { nn.Walk(m) })
		require.PanicsWithValue(t, message, func() { nn.Bind(autograd.NewTape(), m) })
	}
	// Interfaces without parameters need no tag, wherever they point.
	type ring struct{ Next any }
	r := &ring{}
	r.Next = r
	require.NotPanics(t, func() { nn.Walk(&struct{ R, S any }{r, newRand()}) })
	require.NotPanics(t, func() { nn.Walk(&container{Layers: []any{nn.ReLU{}, autograd.Tanh}}) })
}

func TestLayersVisitsEveryStruct(t *testing.T) {
	shared := nn.NewPReLU(nn.PReLUOptions{})
	m := nn.Sequential{nn.NewConv2D(1, 1, 1, nn.ConvOptions{}, newRand()), shared, nn.Sequential{nn.ReLU{}, shared}}
	var seen []any
	nn.Layers(m, func(l any) { seen = append(seen, l) })
	require.Len(t, seen, 3)
	require.Same(t, m[0], seen[0])
	require.Same(t, shared, seen[1])
	require.Equal(t, nn.ReLU{}, seen[2])
}
