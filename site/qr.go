package site

import (
	"fmt"
	"strings"

	"opsbook/templates"

	"rsc.io/qr"
)

// quiet is the border around a QR code, in modules, that readers need.
const quiet = 4

// qrOf draws the QR code of a text: the dark modules of each row as rectangles.
// A seventh of it may be unreadable.
func qrOf(text string) (templates.QR, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return templates.QR{}, fmt.Errorf("QR code of %q: %w", shorten(text, 80), err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) { // beyond the edge nothing is black
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return templates.QR{Size: code.Size + 2*quiet, Path: path.String()}, nil
}
