// Package pickle reads the pickles of saved PyTorch weights: dictionaries, lists, numbers, strings and the few names
// that a caller allows. A pickle is a program, which may name any function to call; this reader runs none of it, it
// only takes down what was named, and a name that is not allowed is an error.
package pickle

// A value is one of nil, bool, int64, float64, string, *Dict, *List, Tuple, Name, *Call, Ref or Other.

// Dict is a dictionary in the order of its making. Keys are as they come; one that occurs again is stored again.
type Dict struct {
	Keys, Values []any
}

// List is a list.
type List struct{ Items []any }

// Tuple is a tuple.
type Tuple []any

// Name is a function or type that the pickle names, such as {"collections", "OrderedDict"}.
type Name struct{ Module, Attr string }

func (n Name) String() string { return n.Module + "." + n.Attr }

// Call is what would come of calling Func, which the caller of [Read] interprets.
type Call struct {
	Func Name
	Args Tuple
}

// Ref is a reference to something stored outside of the pickle.
type Ref struct{ ID any }

// Other stands for a value that is of no interest, such as an integer of more than 64 bits.
type Other struct{}

// Get returns the last value of a string key.
func (d *Dict) Get(key string) (any, bool) {
	for i := len(d.Keys) - 1; i >= 0; i-- {
		if d.Keys[i] == key {
			return d.Values[i], true
		}
	}
	return nil, false
}
