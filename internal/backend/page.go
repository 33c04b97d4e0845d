package backend

import (
	"fmt"
	"strconv"
	"strings"
)

// Position is the cursor of a listing whose cloud counts its pages or instances:
// where the next page begins, and how many instances there were in all when the
// last one was read. A listing of that kind moves when an instance goes, so that
// the next page begins behind one that no page has shown.
type Position struct{ Offset, Total int }

// ParsePosition reads a cursor that Next made. An empty one is the beginning.
func ParsePosition(cursor string) (Position, error) {
	if cursor == "" {
		return Position{}, nil
	}
	offset, total, ok := strings.Cut(cursor, "/")
	at, err := strconv.Atoi(offset)
	all, totalErr := strconv.Atoi(total)
	if !ok || err != nil || totalErr != nil || at < 0 || all < 0 {
		return Position{}, fmt.Errorf("%q is not the cursor of a listing", cursor)
	}
	return Position{Offset: at, Total: all}, nil
}

// Next returns the cursor after a page of read instances, with total in all, or
// nothing at the end. Where there are fewer in all than before, the listing goes
// back by that many, and shows some of them twice.
func (p Position) Next(read, total int) string {
	next := p.Offset + read
	if gone := p.Total - total; gone > 0 {
		next = max(0, p.Offset-gone)
	}
	if next >= total {
		return ""
	}
	return strconv.Itoa(next) + "/" + strconv.Itoa(total)
}

// TagSearch is the cursor of a listing whose cloud shows only so many instances
// to a query by tags. The listing begins with that query. Once it has shown as
// many, the listing begins anew with a query for all instances.
type TagSearch struct {
	// All is set once all instances are queried.
	All bool
	// Shown is how many instances the query by tags has shown so far.
	Shown int
	// Token is the cloud's own cursor.
	Token string
}

// ParseTagSearch reads a cursor that Next made. An empty one is the beginning.
func ParseTagSearch(cursor string) (TagSearch, error) {
	if cursor == "" {
		return TagSearch{}, nil
	}
	phase, token, ok := strings.Cut(cursor, "/")
	if ok && phase == allPhase {
		return TagSearch{All: true, Token: token}, nil
	}
	shown, err := strconv.Atoi(phase)
	if !ok || err != nil || shown < 0 || token == "" {
		return TagSearch{}, fmt.Errorf("%q is not the cursor of a listing", cursor)
	}
	return TagSearch{Shown: shown, Token: token}, nil
}

const allPhase = "all"

// Next returns the cursor after a page that showed so many instances and ended
// with the cloud's token, or nothing at the end. most is how many instances the
// cloud shows to a query by tags.
func (s TagSearch) Next(shown int, token string, most int) string {
	switch {
	case s.All && token != "":
		return allPhase + "/" + token
	case token != "":
		return strconv.Itoa(s.Shown+shown) + "/" + token
	case !s.All && s.Shown+shown >= most:
		return allPhase + "/"
	}
	return ""
}
