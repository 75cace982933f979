package data

import (
	"encoding/binary"
	"reflect"
	"sync"
)

// inFlight is how many batches a [Map] remembers the origins of: more than any loop has between Batch and Recycle. Those of a caller
// who recycles nothing are forgotten.
const inFlight = 64

// origins remembers what batches were made of, until they are recycled.
type origins[A any] struct {
	mu    sync.Mutex
	of    map[string]A
	order []string // oldest first
}

// put remembers that b was made of a.
func (o *origins[A]) put(b any, a A) {
	key := identity(b)
	if key == "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = map[string]A{}
	}
	if _, ok := o.of[key]; ok {
		o.drop(key) // of a batch that is gone, and whose memory this one has got
	}
	o.of[key] = a
	o.order = append(o.order, key)
	if len(o.order) > inFlight {
		o.drop(o.order[0])
	}
}

// take returns what b was made of, once.
func (o *origins[A]) take(b any) (a A, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := identity(b)
	if a, ok = o.of[key]; ok {
		o.drop(key)
	}
	return a, ok
}

func (o *origins[A]) drop(key string) {
	delete(o.of, key)
	for i, k := range o.order {
		if k == key {
			o.order = append(o.order[:i], o.order[i+1:]...)
			return
		}
	}
}

// identity tells a batch from all others that are in memory: by the places of all that it points to. It is empty for what points to
// nothing, or where functions may hide what it points to.
func identity(b any) string {
	key, ok := places(nil, reflect.ValueOf(b))
	if !ok {
		return ""
	}
	return string(key)
}

func places(to []byte, v reflect.Value) ([]byte, bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return to, true
		}
		return binary.LittleEndian.AppendUint64(to, uint64(v.Pointer())), true
	case reflect.Slice:
		if v.Cap() == 0 {
			return to, true
		}
		return binary.LittleEndian.AppendUint64(to, uint64(v.Pointer())), true
	case reflect.Interface:
		if v.IsNil() {
			return to, true
		}
		return places(to, v.Elem())
	case reflect.Func:
		return to, v.IsNil()
	case reflect.Struct:
		return placesOfAll(to, v.NumField(), v.Field)
	case reflect.Array:
		return placesOfAll(to, v.Len(), v.Index)
	}
	return to, true
}

func placesOfAll(to []byte, n int, part func(i int) reflect.Value) (out []byte, ok bool) {
	for i := range n {
		if to, ok = places(to, part(i)); !ok {
			return to, false
		}
	}
	return to, true
}
