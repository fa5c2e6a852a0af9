package site

import (
	"encoding/xml"
	"net/http"
	"time"

	"opsbook/content"
)

// publicBase returns the public address of the site: the configured one, else
// that of the request.
func (s *Server) publicBase(r *http.Request) string {
	if s.base != "" {
		return s.base + s.prefix
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// sitemap is the format of sitemaps.org.
type sitemap struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc string `xml:"loc"`
}

// serveSitemap lists every page for search engines.
func (s *Server) serveSitemap(w http.ResponseWriter, r *http.Request) error {
	snap := s.current.Load()
	base := s.publicBase(r)
	at := func(p string) string {
		return base + string(snap.site.URL(p))[len(s.prefix):]
	}
	list := sitemap{URLs: []sitemapURL{{at("")}, {at("glossary")}}}
	for _, p := range snap.lib.Pages() {
		list.URLs = append(list.URLs, sitemapURL{at(p.Path)})
	}
	body, err := xml.MarshalIndent(list, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("Vary", "Accept-Encoding")
	s.send(w, r, http.StatusOK, "application/xml", append([]byte(xml.Header), body...))
	return nil
}

// serveRobots tells crawlers what is not worth their while.
func (s *Server) serveRobots(w http.ResponseWriter, r *http.Request) error {
	body := "User-agent: *\nDisallow: " + s.prefix + "/-/\nDisallow: " + s.prefix + "/api/\nDisallow: " + s.prefix + "/search\nSitemap: " + s.publicBase(r) + "/sitemap.xml\n"
	s.send(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte(body))
	return nil
}

// serveHealth says that the process is alive.
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	return nil
}

// serveReady says whether the database answers and the index is built.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	if s.current.Load().index == nil {
		return statusErrorf(http.StatusServiceUnavailable, "The search index is being built.")
	}
	if err := s.store.Ping(r.Context()); err != nil {
		s.log.Error("database", "err", err)
		return statusErrorf(http.StatusServiceUnavailable, "The database does not answer.")
	}
	s.send(w, r, http.StatusOK, "text/plain; charset=utf-8", []byte("ready\n"))
	return nil
}

// pageEntry is a page in the list of /api/v1/pages.
type pageEntry struct {
	Path        string       `json:"path"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Kind        content.Kind `json:"kind"`
	Level       string       `json:"level"`
	Tags        []string     `json:"tags"`
	Minutes     int          `json:"minutes"`
	Words       int          `json:"words"`
	Items       int          `json:"items"`
	Layer       string       `json:"layer"`
	ReviewBy    string       `json:"review_by"`
}

// servePagesAPI lists all pages.
func (s *Server) servePagesAPI(w http.ResponseWriter, r *http.Request) error {
	pages := []pageEntry{}
	for _, p := range s.current.Load().lib.Pages() {
		e := pageEntry{Path: p.Path, Title: p.Title, Description: p.Description, Kind: p.Kind, Level: p.Level, Tags: p.Tags, Minutes: p.ReadingMinutes(), Words: p.Words, Layer: p.Layer}
		if p.Checklist != nil {
			e.Items = len(p.Checklist.Items())
		}
		if !p.ReviewBy.IsZero() {
			e.ReviewBy = p.ReviewBy.Format(time.DateOnly)
		}
		if e.Tags == nil {
			e.Tags = []string{}
		}
		pages = append(pages, e)
	}
	return s.sendJSON(w, r, http.StatusOK, map[string]any{"total": len(pages), "pages": pages})
}
