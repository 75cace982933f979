package autograd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

type (
	vr  = *autograd.Var
	arr = tensortest.Array
)

// row is one line of the table: an operation, at one point, beside its definition.
type row struct {
	op  string // the exported name, before the first space of the case's name
	in  []*tensor.Tensor
	f   func(in ...vr) vr
	ref func(in ...arr) arr
}

// normal returns normal draws whose distance from 0 is at least 0.05, so that no kink at 0 is near.
func normal(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.RandN(rng, shape...)
	for i, v := range t.Data() {
		if v < 0 {
			t.Data()[i] = v - 0.05
		} else {
			t.Data()[i] = v + 0.05
		}
	}
	return t
}

// positive returns draws from [0.5, 2).
func positive(rng *rand.Rand, shape ...int) *tensor.Tensor {
	return tensor.RandU(rng, 0.5, 2, shape...)
}

// distinct returns values in random order that differ by at least 0.05.
func distinct(rng *rand.Rand, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	for i, k := range rng.Perm(t.Len()) {
		t.Data()[i] = 0.05*float32(k-t.Len()/2) + 0.01
	}
	return t
}

func ins(ts ...*tensor.Tensor) []*tensor.Tensor { return ts }

// unaryRow is the row of a function of each element.
func unaryRow(op string, x *tensor.Tensor, f func(vr) vr, ref func(float64) float64) row {
	return row{op, ins(x), func(in ...vr) vr { return f(in[0]) }, gradtest.Elementwise(ref)}
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// linearRow is the row of a function of one input.
func linearRow(op string, x *tensor.Tensor, f func(vr) vr, ref func(arr) arr) row {
	return row{op, ins(x), func(in ...vr) vr { return f(in[0]) }, func(in ...arr) arr { return ref(in[0]) }}
}

func table() []row {
	var rows []row
	for _, family := range []func() []row{
		arithmeticRows, elementwiseRows, reductionRows, matmulRows, convRows, shapeRows, imageRows, normRows,
	} {
		rows = append(rows, family()...)
	}
	return rows
}

func TestDerivatives(t *testing.T) {
	for _, r := range table() {
		t.Run(r.op, func(t *testing.T) {
			t.Parallel()
			gradtest.Check(t, gradtest.Case{Name: r.op, In: r.in, F: r.f, Ref: r.ref})
		})
	}
}

// elsewhere lists what gives Vars without being an operation of the table, and why.
var elsewhere = map[string]string{
	"Const":      "makes a constant",
	"GradOnTape": "differentiates; every row of the table goes through it",
	"Record":     "is how an operation is made",
}

func TestEveryOperationIsInTheTable(t *testing.T) {
	rows := map[string]bool{}
	for _, r := range table() {
		name, _, _ := strings.Cut(r.op, " ")
		rows[name] = true
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	ops := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if ok && f.Recv == nil && f.Name.IsExported() && givesVars(f.Type) {
				ops[f.Name.Name] = true
			}
		}
	}
	require.Greater(t, len(ops), 50)
	for op := range ops {
		if elsewhere[op] == "" && !rows[op] {
			t.Errorf("autograd.%s has no row in the table of derivatives", op)
		}
	}
	for op := range rows {
		if !ops[op] {
			t.Errorf("the table has a row for %s, which is no operation", op)
		}
	}
}

// givesVars reports whether a result of a function is a *Var or a slice of them.
func givesVars(f *ast.FuncType) bool {
	if f.Results == nil {
		return false
	}
	for _, r := range f.Results.List {
		typ := r.Type
		if list, ok := typ.(*ast.ArrayType); ok {
			typ = list.Elt
		}
		if star, ok := typ.(*ast.StarExpr); ok {
			if id, ok := star.X.(*ast.Ident); ok && id.Name == "Var" {
				return true
			}
		}
	}
	return false
}
