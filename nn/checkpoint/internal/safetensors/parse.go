package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

// parseHeader reads the JSON by tokens, because encoding/json's own decoding lets duplicate keys and keys in another
// case pass.
func parseHeader(b []byte) ([]Info, map[string]string, error) {
	switch {
	case !utf8.Valid(b):
		return nil, nil, errors.New("not valid UTF-8")
	case len(b) == 0 || b[0] != '{':
		return nil, nil, errors.New("does not begin with {")
	case !json.Valid(b):
		return nil, nil, errors.New("not valid JSON")
	}
	p := parser{json.NewDecoder(bytes.NewReader(b))}
	p.UseNumber()
	var tensors []Info
	meta := map[string]string{}
	err := p.object(func(key string) error {
		if key == metadataKey {
			return p.object(func(k string) (err error) {
				meta[k], err = p.text()
				return err
			})
		}
		t, err := p.tensor(key)
		tensors = append(tensors, t)
		return err
	})
	return tensors, meta, err
}

type parser struct{ *json.Decoder }

// object reads an object and calls value, which must read the value, for each key.
func (p parser) object(value func(key string) error) error {
	if err := p.delim('{', "an object"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		key, err := p.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q occurs twice", key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return p.delim('}', "the end of an object")
}

func (p parser) tensor(name string) (Info, error) {
	t := Info{Name: name}
	var dt string
	var places []int64
	err := p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			dt, err = p.text()
		case "shape":
			var shape []int64
			shape, err = p.sizes(maxRank)
			t.Shape = make([]int, len(shape))
			for i, n := range shape {
				if t.Shape[i] = int(n); int64(t.Shape[i]) != n {
					return fmt.Errorf("size %d is beyond this machine", n)
				}
			}
		case "data_offsets":
			places, err = p.sizes(2)
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		return err
	})
	t.DType = dtype.DType(dt)
	switch {
	case err != nil:
	case dt == "":
		err = errors.New("has no dtype")
	case t.DType.Size() == 0:
		err = fmt.Errorf("unknown dtype %q", dt)
	case t.Shape == nil:
		err = errors.New("has no shape")
	case len(places) != 2:
		err = errors.New("wants two data_offsets")
	}
	if err != nil {
		return t, fmt.Errorf("tensor %q: %w", name, err)
	}
	t.begin, t.end = places[0], places[1]
	return t, nil
}

// sizes reads an array of at most limit integers, none of them negative.
func (p parser) sizes(limit int) ([]int64, error) {
	if err := p.delim('[', "an array"); err != nil {
		return nil, err
	}
	out := []int64{}
	for p.More() {
		tok, err := p.Token()
		if err != nil {
			return nil, err
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("want an integer, got %v", tok)
		}
		n, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("want a size from 0 to %d, got %s", int64(math.MaxInt64), number)
		}
		if len(out) == limit {
			return nil, fmt.Errorf("more than %d numbers in an array", limit)
		}
		out = append(out, int64(n))
	}
	return out, p.delim(']', "the end of an array")
}

func (p parser) delim(want json.Delim, what string) error {
	tok, err := p.Token()
	if err == nil && tok != want {
		err = fmt.Errorf("want %s, got %v", what, tok)
	}
	return err
}

func (p parser) text() (string, error) {
	tok, err := p.Token()
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	switch {
	case !ok:
		return "", fmt.Errorf("want a string, got %v", tok)
	case strings.ContainsRune(s, utf8.RuneError):
		// This is also what the decoder makes of an escaped half of a surrogate pair; two names could become one.
		return "", fmt.Errorf("%q is not a name: it holds the replacement character", s)
	}
	return s, nil
}
