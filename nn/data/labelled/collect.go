package labelled

import (
	"fmt"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Collect reads all of a data set of pictures with values in [0, 1], such as a data.Folder, and keeps it at 8 bits a channel.
// classes are the names that the numbers in it stand for; empty means that there are none. It is an error if there is no
// picture, or if pictures differ in size, have no class where others do, or one that is not named.
//
//	folder, err := data.ImageFolder(dir, data.FolderOptions{Size: 32})
//	…
//	images, err := labelled.Collect(folder, folder.Classes)
func Collect(d data.Dataset[data.Example], classes []string) (*Images, error) {
	if d.Len() == 0 {
		return nil, fmt.Errorf("labelled: an empty data set")
	}
	m := &Images{Classes: classes}
	for i := range d.Len() {
		e, err := d.At(i)
		if err != nil {
			return nil, fmt.Errorf("labelled: example %d: %w", i, err)
		}
		name := e.Path
		if name == "" {
			name = fmt.Sprintf("example %d", i)
		}
		if e.Image.Rank() != 3 {
			return nil, fmt.Errorf("labelled: %s has the shape %s; want (H,W,C)", name, tensor.Format(e.Image.Shape()))
		}
		h, w, c := e.Image.Dim(0), e.Image.Dim(1), e.Image.Dim(2)
		if i == 0 {
			m.Height, m.Width, m.Channels = h, w, c
			m.Pixels = make([]uint8, 0, d.Len()*h*w*c)
		}
		switch {
		case h != m.Height || w != m.Width || c != m.Channels:
			return nil, fmt.Errorf("labelled: %s has %d×%d pixels and %d channels, pictures before it %d×%d and %d: "+
				"resize them (data.FolderOptions.Size)", name, w, h, c, m.Width, m.Height, m.Channels)
		case len(classes) > 0 && (e.Class < 0 || e.Class >= len(classes)):
			return nil, fmt.Errorf("labelled: %s is of class %d; there are %d", name, e.Class, len(classes))
		}
		for _, v := range e.Image.Data() {
			m.Pixels = append(m.Pixels, uint8(min(max(v, 0), 1)*255+0.5))
		}
		if len(classes) > 0 {
			m.Labels = append(m.Labels, e.Class)
		}
	}
	return m, m.Check()
}
