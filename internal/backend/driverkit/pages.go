package driverkit

import "github.com/instance-power/terraform-provider-instance/internal/backend"

// maxPages ends a paging that does not end by itself. No real answer for the ids
// of one call comes near it.
const maxPages = 100

// Page is one page of a listing whose cloud names the next one by a token.
type Page struct {
	Instances []backend.Instance
	// Total is how many instances there are in all, or 0 where the answer does
	// not tell.
	Total int
	// Next is empty at the end.
	Next string
	// Incomplete makes the error of a page that does not fit the others.
	Incomplete func(problem string) error
}

// DescribeByToken reads all pages of a description of ids.
func DescribeByToken(ids []string, read func(token string) (Page, error)) ([]backend.Instance, error) {
	found := NewFound(ids)
	listed, token := 0, ""
	names := map[string]bool{}
	for {
		page, err := read(token)
		if err != nil {
			return nil, err
		}
		listed += len(page.Instances)
		for _, in := range page.Instances {
			found.Add(in)
		}
		switch {
		case page.Next == "" && !found.All() && page.Total > listed:
			// What is missing would read as gone.
			return nil, page.Incomplete("it ends before all of its instances are listed")
		case page.Next == "":
			return found.Instances(), nil
		case names[page.Next]:
			return nil, page.Incomplete("it names a page that was read already")
		case len(names) == maxPages-1:
			return nil, page.Incomplete("its pages do not end")
		}
		token = page.Next
		names[token] = true
	}
}

// ListByToken reads the page of a listing that a cursor stands for. most is how
// many instances a query by tags shows; read reports whether it was one.
func ListByToken(
	filter backend.Filter,
	cursor string,
	most int,
	read func(at backend.TagSearch) (page Page, byTags bool, err error),
) ([]backend.Instance, string, error) {
	at, err := backend.ParseTagSearch(cursor)
	if err != nil {
		return nil, "", err
	}
	page, byTags, err := read(at)
	if err != nil {
		return nil, "", err
	}
	if page.Next != "" && page.Next == at.Token {
		return nil, "", page.Incomplete("it names a page that was read already")
	}
	at.All = !byTags
	next := at.Next(len(page.Instances), page.Next, most)
	return VisibleInstances(filter.Keep(page.Instances)), next, nil
}
