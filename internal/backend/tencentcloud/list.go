package tencentcloud

import (
	"context"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	cvm "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cvm/v20170312"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

var _ backend.Lister = (*Driver)(nil)

// maxFilters is the most filters of one call
// (https://cloud.tencent.com/document/api/213/15728).
const maxFilters = 10

// ListPage calls DescribeInstances without ids, which lists the whole region
// (https://cloud.tencent.com/document/api/213/15728).
func (d *Driver) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) ([]backend.Instance, string, error) {
	return driverkit.ListByCount(filter, cursor, 0, func(_, before int) (driverkit.Page, error) {
		req := cvm.NewDescribeInstancesRequest()
		addFilter(req, filter)
		return d.page(ctx, nil, req, before)
	})
}

// addFilter asks the cloud for what is certain to hold all that fits. Filters
// of several names narrow each other, and a tag is found by its key, or by key
// and value (https://cloud.tencent.com/document/api/213/15688 and the page of
// DescribeInstances). Of instance-name the page does not say whether it finds
// parts of names, and of no filter that it knows an asterisk, so that a pattern
// is not sent: the driver filters the pages by it. The page does not say either
// what two filters of one name mean, so that one key without a value is sent at
// most.
func addFilter(req *cvm.DescribeInstancesRequest, filter backend.Filter) {
	add := func(name, value string) {
		req.Filters = append(req.Filters, &cvm.Filter{Name: &name, Values: common.StringPtrs([]string{value})})
	}
	if name := filter.ExactName(); name != "" {
		add("instance-name", name)
	}
	for _, key := range filter.KeysAlone(1) {
		add("tag-key", key)
	}
	for _, key := range filter.TagsWithValues(maxFilters - len(req.Filters)) {
		add("tag:"+key, filter.Tags[key])
	}
}
