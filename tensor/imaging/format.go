package imaging

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Format names an image file format.
type Format string

// The formats that can be decoded. All but WebP can be encoded.
const (
	PNG  Format = "PNG"
	JPEG Format = "JPEG"
	GIF  Format = "GIF"
	WebP Format = "WebP"
	BMP  Format = "BMP"
	TIFF Format = "TIFF"
)

// FormatOf returns the format that a file's extension asks to be written in. The error is for a person. Programs call
// it before long work, so that a bad name is found early.
func FormatOf(path string) (Format, error) {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".png":
		return PNG, nil
	case ".jpg", ".jpeg":
		return JPEG, nil
	case ".gif":
		return GIF, nil
	case ".bmp":
		return BMP, nil
	case ".tif", ".tiff":
		return TIFF, nil
	case "":
		return "", fmt.Errorf("%s: no extension; pictures are written as .png, .jpg, .gif, .bmp or .tiff", path)
	default:
		return "", fmt.Errorf("%s: cannot write %s; pictures are written as .png, .jpg, .gif, .bmp or .tiff", path, ext)
	}
}

// CanRead reports whether a file's extension is that of a format that can be decoded: those of [FormatOf], and .webp.
func CanRead(path string) bool {
	_, err := FormatOf(path)
	return err == nil || strings.EqualFold(filepath.Ext(path), ".webp")
}

// sniffLen is how many bytes sniff looks at.
const sniffLen = 12

// sniff tells the format from the first bytes of a file, or "".
func sniff(head []byte) Format {
	s := string(head[:min(len(head), sniffLen)])
	switch {
	case strings.HasPrefix(s, "\x89PNG\r\n\x1a\n"):
		return PNG
	case strings.HasPrefix(s, "\xff\xd8\xff"):
		return JPEG
	case strings.HasPrefix(s, "GIF87a"), strings.HasPrefix(s, "GIF89a"):
		return GIF
	case len(s) == 12 && s[:4] == "RIFF" && s[8:] == "WEBP":
		return WebP
	case strings.HasPrefix(s, "BM"):
		return BMP
	case strings.HasPrefix(s, "II*\x00"), strings.HasPrefix(s, "MM\x00*"):
		return TIFF
	}
	return ""
}
