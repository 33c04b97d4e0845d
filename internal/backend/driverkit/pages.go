package driverkit

import (
	"fmt"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// maxPages ends a paging that does not end by itself. No real answer for the ids
// of one call comes near it.
const maxPages = 100

// Page is one page of a listing.
type Page struct {
	Instances []backend.Instance
	// Total is how many instances there are in all. A cloud that names the next
	// page by a token may leave it 0.
	Total int
	// Next is that token, and empty at the end.
	Next string
	// Incomplete makes the error of a page that does not fit the others.
	Incomplete func(problem string) error
}

// DescribeByToken reads all pages of a description of ids.
func DescribeByToken(ids []string, read func(token string) (Page, error)) ([]backend.Instance, error) {
	found := newCollector(ids)
	token := ""
	names := map[string]bool{}
	for {
		page, err := read(token)
		if err != nil {
			return found.none(err)
		}
		found.add(page)
		switch {
		case page.Next == "" && !found.all() && page.Total > found.listed():
			// What is missing would read as gone.
			return nil, page.Incomplete("it ends before all of its instances are listed")
		case page.Next == "":
			return found.instances(), nil
		case names[page.Next]:
			return nil, page.Incomplete("it names a page that was read already")
		case len(names) == maxPages-1:
			return nil, page.Incomplete("its pages do not end")
		}
		token = page.Next
		names[token] = true
	}
}

// DescribeByCount reads all pages of a description of ids, of a cloud that counts
// its pages from 1, or the instances before each.
func DescribeByCount(
	ids []string, read func(number, listed int) (Page, error),
) ([]backend.Instance, error) {
	if len(ids) == 0 {
		// Without ids the cloud would list the whole account.
		return nil, nil
	}
	found := newCollector(ids)
	listed := 0
	for number := 1; ; number++ {
		page, err := read(number, listed)
		if err != nil {
			return found.none(err)
		}
		listed += len(page.Instances)
		before := found.listed()
		found.add(page)
		switch {
		case found.all(), found.listed() >= page.Total:
			return found.instances(), nil
		case found.listed() == before:
			// What is missing would read as gone.
			return nil, page.Incomplete(
				fmt.Sprintf("page %d has nothing new, with %d of %d instances listed", number, before, page.Total),
			)
		case number == maxPages:
			return nil, page.Incomplete("its pages do not end")
		}
	}
}

// ListByCount reads the page of a listing that a cursor stands for, of a cloud that
// counts the instances before each page, or, where size is not 0, its pages of that
// many instances, from 1.
func ListByCount(
	filter backend.Filter, cursor string, size int, read func(number, before int) (Page, error),
) ([]backend.Instance, string, error) {
	at, err := backend.ParsePosition(cursor)
	if err != nil {
		return nil, "", err
	}
	number := 0
	if size > 0 {
		// One that begins in the middle of a page begins with that page.
		at.Offset -= at.Offset % size
		number = at.Offset/size + 1
	}
	page, err := read(number, at.Offset)
	if err != nil {
		return nil, "", err
	}
	length := len(page.Instances)
	if length == 0 && at.Offset < page.Total {
		return nil, "", page.Incomplete(fmt.Sprintf("the listing ends at %d of %d instances", at.Offset, page.Total))
	}
	if size > 0 {
		length = size // A page that has a number and is short is not to be read again.
	}
	next := at.Next(length, page.Total)
	return VisibleInstances(filter.Keep(page.Instances)), next, nil
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
