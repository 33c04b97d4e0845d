package zenlayercloud

import (
	"context"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vm "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"
	zec "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20250901"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

var _ backend.Lister = (*Driver)(nil)

// maxTags is the most tags, and the most keys of tags, of one call (SDK source,
// DescribeInstancesRequest).
const maxTags = 20

// ListPage calls DescribeInstances without ids, which lists the instances of the
// service in all resource groups that the key may see
// (https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/describeinstances).
func (d *Driver) ListPage(
	ctx context.Context,
	filter backend.Filter,
	cursor string,
) ([]backend.Instance, string, error) {
	return driverkit.ListByCount(filter, cursor, pageSize, func(number, _ int) (driverkit.Page, error) {
		req := d.requests.describe(nil, number)
		addFilter(req, filter)
		return d.page(ctx, nil, req)
	})
}

// addFilter asks the cloud for what is certain to hold all that fits. The vm
// service compares a name exactly, or in a fuzzy way when an asterisk ends it;
// the zec service always does the latter, without one (SDK source,
// DescribeInstancesRequest of both). Neither says what fuzzy is: whatever it
// means, it finds names that begin with what it is given. Nor do they say
// whether an instance needs all tags or one of them. The driver filters the
// pages by all of it again.
func addFilter(to common.Request, filter backend.Filter) {
	prefix := filter.NamePrefix()
	valued, alone := filter.TagsWithValues(maxTags), filter.KeysAlone(maxTags)
	switch req := to.(type) {
	case *vm.DescribeInstancesRequest:
		req.TagKeys = alone
		for _, key := range valued {
			req.Tags = append(req.Tags, &vm.Tag{Key: common.String(key), Value: common.String(filter.Tags[key])})
		}
		switch {
		case filter.ExactName() != "":
			req.InstanceName = common.String(filter.ExactName())
		case prefix != "":
			req.InstanceName = common.String(prefix + "*")
		}
	case *zec.DescribeInstancesRequest:
		req.TagKeys = alone
		for _, key := range valued {
			req.Tags = append(req.Tags, &zec.Tag{Key: common.String(key), Value: common.String(filter.Tags[key])})
		}
		if prefix != "" {
			req.Name = common.String(prefix)
		}
	}
}
