package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// List is a call of ListPage.
const List Op = "list"

var _ backend.Lister = (*Driver)(nil)

// ListPage implements backend.Lister. A page has as many instances as one call
// may carry, in the order of their ids, before those that do not fit are taken
// out of it; the cursor is the last of them.
func (d *Driver) ListPage(
	ctx context.Context, filter backend.Filter, cursor string,
) (page []backend.Instance, next string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, "", ended(err)
	}
	page, next, hang, err := d.listPage(cursor)
	if waitErr := d.wait(ctx, hang); waitErr != nil {
		return nil, "", waitErr
	}
	return filter.Keep(page), next, err
}

func (d *Driver) listPage(cursor string) (page []backend.Instance, next string, hang bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	call := d.record(Call{Op: List})
	if trouble := d.meet(List, ""); trouble != nil {
		return nil, "", trouble.Hang, trouble.err(call)
	}
	for _, id := range slices.Sorted(maps.Keys(d.instances)) {
		if id <= cursor {
			continue
		}
		seen, ok := d.instances[id].describe(call.At)
		if !ok {
			continue
		}
		if len(page) == d.opts.BatchSize {
			return page, page[len(page)-1].ID, false, nil
		}
		page = append(page, seen)
	}
	return page, "", false, nil
}
