package volcengine

import (
	"context"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

var _ backend.Lister = (*Driver)(nil)

const (
	// maxTagged is the most instances that are shown to whoever asks for tags
	// (https://docs.byteplus.com/en/docs/ecs/DescribeInstances, TagFilters).
	maxTagged = 1000
	// maxTags is how many tags are sent. No page gives the most; the driver
	// filters the pages by the rest.
	maxTags = 10
)

// ListPage calls DescribeInstances without ids, which lists the whole region
// (https://docs.byteplus.com/en/docs/ecs/DescribeInstances).
func (d *Driver) ListPage(ctx context.Context, filter backend.Filter, cursor string) ([]backend.Instance, string, error) {
	at, err := backend.ParseTagSearch(cursor)
	if err != nil {
		return nil, "", err
	}
	input := &ecs.DescribeInstancesInput{MaxResults: sdk.Int32(batchSize), NextToken: optional(at.Token)}
	at.All = !addFilter(input, filter, at.All)
	req, out := d.api.DescribeInstancesRequest(input)
	requestID, err := send(ctx, req, nil)
	if err != nil {
		return nil, "", err
	}
	token := sdk.StringValue(out.NextToken)
	switch {
	case out.Instances == nil && out.TotalCount == nil:
		// To take this for an empty list would end the listing.
		return nil, "", wrongAnswer(nil, requestID, "the answer has no list of instances")
	case token != "" && token == at.Token:
		return nil, "", wrongAnswer(nil, requestID, "the answer repeats its NextToken")
	}
	page := make([]backend.Instance, 0, len(out.Instances))
	for _, item := range out.Instances {
		if item == nil || sdk.StringValue(item.InstanceId) == "" {
			return nil, "", wrongAnswer(nil, requestID, "the answer lists an instance without an InstanceId")
		}
		page = append(page, instanceOf(item))
	}
	return filter.Keep(page), at.Next(len(out.Instances), token, maxTagged), nil
}

// addFilter adds to the request what is certain to hold all that fits, and
// reports whether that are tags. InstanceName is a fuzzy search, of which no
// page says more: whatever it means, it finds names that begin with what it is
// given, and of a pattern that much is sent. What a tag filter without values
// means is not documented, so that one is left to the driver. A name is not
// sent along with tags, since whether the limit of those counts before or after
// it is not documented either.
func addFilter(input *ecs.DescribeInstancesInput, filter backend.Filter, all bool) (byTags bool) {
	if !all {
		for _, key := range filter.TagsWithValues(maxTags) {
			input.TagFilters = append(input.TagFilters, &ecs.TagFilterForDescribeInstancesInput{
				Key: sdk.String(key), Values: sdk.StringSlice([]string{filter.Tags[key]}),
			})
			byTags = true
		}
	}
	if !byTags {
		input.InstanceName = optional(filter.NamePrefix())
	}
	return byTags
}
