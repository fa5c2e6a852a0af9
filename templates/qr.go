package templates

import "strconv"

// QR is a QR code as an outline in a square.
type QR struct {
	Size int    // of the square, its quiet border included
	Path string // of the dark modules, each of side 1
}

// Box is the visible part of the drawing.
func (q QR) Box() string { return box(q.Size, q.Size) }

// box is the visible part of a drawing.
func box(width, height int) string {
	return "0 0 " + strconv.Itoa(width) + " " + strconv.Itoa(height)
}
