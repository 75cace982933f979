package tfevents

import "time"

// event begins an Event at a time and a step. A step of 0 is the default, which is not written.
func event(at time.Time, step int) message {
	var m message
	m.double(1, float64(at.UnixMicro())/1e6)
	if step != 0 {
		m.integer(2, uint64(step))
	}
	return m
}

// versionEvent is the first event of a file.
func versionEvent(at time.Time) []byte {
	m := event(at, 0)
	m.bytes(3, []byte("brain.Event:2"))
	return m
}

// startEvent says that what earlier files hold from a step on is void: the run has gone back.
func startEvent(at time.Time, step int) []byte {
	m := event(at, step)
	var log message
	log.integer(1, 1) // SessionLog.START
	m.bytes(7, log)
	return m
}

// Scalar is a number with the name of its curve. TensorBoard sorts curves by what is before the first slash.
type Scalar struct {
	Tag   string
	Value float64
}

func scalarsEvent(at time.Time, step int, scalars []Scalar) []byte {
	var summary message
	for _, s := range scalars {
		var value message
		value.bytes(1, []byte(s.Tag))
		value.float(2, float32(s.Value))
		summary.bytes(1, value)
	}
	m := event(at, step)
	m.bytes(5, summary)
	return m
}

// Picture is a picture in the form of a PNG file.
type Picture struct {
	Tag           string
	Height, Width int
	PNG           []byte
}

func pictureEvent(at time.Time, step int, p Picture) []byte {
	var img, value, summary message
	img.integer(1, uint64(p.Height))
	img.integer(2, uint64(p.Width))
	img.integer(3, 4) // RGBA; TensorBoard goes by what the file says
	img.bytes(4, p.PNG)
	value.bytes(1, []byte(p.Tag))
	value.bytes(4, img)
	summary.bytes(1, value)
	m := event(at, step)
	m.bytes(5, summary)
	return m
}
