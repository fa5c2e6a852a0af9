package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"rsc.io/qr"
)

func TestQRCode(t *testing.T) {
	t.Parallel()
	const address = "https://intranet.example/ops/-/join/CDFGHJ"
	got, err := qrOf(address)
	if err != nil {
		t.Fatal(err)
	}
	want, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if got.Size != want.Size+8 {
		t.Errorf("size = %d, want %d with a border of 4", got.Size, want.Size)
	}
	dark := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`).FindAllStringSubmatch(got.Path, -1) {
		var x, y, n, back int
		if _, err := fmt.Sscan(strings.Join(m[1:], " "), &x, &y, &n, &back); err != nil || n != back {
			t.Fatalf("%s: %v", m[0], err)
		}
		for i := range n {
			dark[[2]int{x + i, y}] = true
		}
	}
	for y := range got.Size {
		for x := range got.Size {
			if dark[[2]int{x, y}] != want.Black(x-4, y-4) {
				t.Fatalf("module %d, %d is wrong", x, y)
			}
		}
	}
	if _, err := qrOf(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that is too long has a code")
	}
}

func TestInviteToAnAddressTooLongForACode(t *testing.T) {
	t.Parallel()
	f, slug := newRoundFixture(t)
	id, code := f.openRound(slug, "checklist", "three")
	page := "/teams/" + slug + "/rounds/" + id
	f.wants(page, `class="qr"`, "Scan the code, or open")
	r := httptest.NewRequest(http.MethodGet, page, nil)
	r.Host = strings.Repeat("a", 3000) + ".example"
	w := httptest.NewRecorder()
	f.Handler().ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != 200 || strings.Contains(body, `class="qr"`) || !strings.Contains(body, r.Host+"/-/join/"+code) {
		t.Errorf("%d: %.2000s", w.Code, mainOf(body))
	}
}
