package volcengine

import (
	"context"
	"net/url"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

var _ backend.Lister = (*Driver)(nil)

const (
	// maxTagged is the most instances that a query by tags shows
	// (https://docs.byteplus.com/en/docs/ecs/DescribeInstances, TagFilters).
	maxTagged = 1000
	// maxTags is how many tags are sent. No page gives the most; the driver
	// filters the pages by the rest.
	maxTags = 10
)

// ListPage calls DescribeInstances without ids, which lists the whole region
// (https://docs.byteplus.com/en/docs/ecs/DescribeInstances).
func (d *Driver) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) ([]backend.Instance, string, error) {
	at, err := backend.ParseTagSearch(cursor)
	if err != nil {
		return nil, "", err
	}
	query := url.Values{}
	setNext(query, at.Token)
	at.All = !addFilter(query, filter, at.All)
	page, err := d.page(ctx, query, nil)
	if err != nil {
		return nil, "", err
	}
	if page.next != "" && page.next == at.Token {
		return nil, "", page.incomplete("it repeats its NextToken")
	}
	next := at.Next(len(page.instances), page.next, maxTagged)
	return driverkit.VisibleInstances(filter.Keep(page.instances)), next, nil
}

// addFilter adds to the request what is certain to hold all that fits, and
// reports whether that are tags. InstanceName is a fuzzy search, of which no
// page says more: whatever it means, it finds names that begin with what it is
// given, and of a pattern that much is sent. What a tag filter without values
// means is not documented, so that one is left to the driver. A name is not
// sent along with tags, since whether the limit of those counts before or after
// it is not documented either.
func addFilter(query url.Values, filter backend.Filter, all bool) (byTags bool) {
	if !all {
		for i, key := range filter.TagsWithValues(maxTags) {
			prefix := "TagFilters." + strconv.Itoa(i+1)
			query.Set(prefix+".Key", key)
			query.Set(prefix+".Values.1", filter.Tags[key])
			byTags = true
		}
	}
	if prefix := filter.NamePrefix(); !byTags && prefix != "" {
		query.Set("InstanceName", prefix)
	}
	return byTags
}
