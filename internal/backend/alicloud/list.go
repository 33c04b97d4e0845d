package alicloud

import (
	"context"
	"strconv"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

var _ backend.Lister = (*Driver)(nil)

const (
	// maxTags is the most tags of one call, and maxTagged the most instances
	// that a query by tags shows
	// (https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances,
	// parameter Tag.N.Key).
	maxTags   = 20
	maxTagged = 1000
)

// ListPage calls DescribeInstances without ids, which lists the whole region as
// far as the credentials may see it: an identity without the permission gets an
// empty list, and no error.
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances
func (d *Driver) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) ([]backend.Instance, string, error) {
	at, err := backend.ParseTagSearch(cursor)
	if err != nil {
		return nil, "", err
	}
	query := map[string]string{"RegionId": d.kit.Region, "MaxResults": strconv.Itoa(batchSize)}
	if at.Token != "" {
		query["NextToken"] = at.Token
	}
	at.All = !addFilter(query, filter, at.All)
	page, err := d.page(ctx, query, nil)
	if err != nil {
		return nil, "", err
	}
	if at.Token != "" && page.next == at.Token {
		return nil, "", page.incomplete("it names a page that was read already")
	}
	next := at.Next(len(page.instances), page.next, maxTagged)
	return driverkit.VisibleInstances(filter.Keep(page.instances)), next, nil
}

// addFilter adds to the query what is certain to hold all that fits, and reports
// whether that are tags. InstanceName knows the asterisk. Several tags must all
// be there; what a key without a value means no page says, so that it is left to
// the driver. A name is not sent along with tags, since whether the limit of
// those counts before or after it is not documented either.
func addFilter(query map[string]string, filter backend.Filter, all bool) (byTags bool) {
	if !all {
		for i, key := range filter.TagsWithValues(maxTags) {
			prefix := "Tag." + strconv.Itoa(i+1)
			query[prefix+".Key"], query[prefix+".Value"] = key, filter.Tags[key]
			byTags = true
		}
	}
	if !byTags && filter.Name != "" {
		query["InstanceName"] = filter.Name
	}
	return byTags
}
