package zenlayercloud

import (
	"math"
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// describe serves DescribeInstances and DescribeInstancesStatus
// (https://docs.console.zenlayer.com/api-reference/compute/vm/virtual-machine-instance/describeinstances,
// https://docs.console.zenlayer.com/api-reference/compute/zec/instance/describeinstances).
func (w *Wire) describe(req *simulator.Request, params *parameters) simulator.Answer {
	version := req.HTTP.Header.Get("X-ZC-Version")
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		service := req.Call.Service
		found := map[string]bool{}
		query := params.page(tx)
		query.Match = func(i simulator.Instance) bool {
			if serviceOf(i) != service {
				return false
			}
			found[i.ID] = true
			i.Status = shown(tx, i)
			return params.match(tx, i)
		}
		page, total := tx.Describe(query)
		if refusal := absent(req, tx, params.ids, found); refusal != nil {
			return w.Refuse(req, *refusal)
		}
		set := make([]map[string]any, len(page))
		for n, i := range page {
			i.Status = shown(tx, i)
			switch {
			case req.Call.Action == "DescribeInstancesStatus":
				set[n] = map[string]any{"instanceId": i.ID, "instanceStatus": i.Status}
			case service == ZEC:
				set[n] = shapeZEC(i, version)
			default:
				set[n] = shapeVM(i)
			}
		}
		return success(req, params, map[string]any{"totalCount": total, "dataSet": set})
	})
}

// page is the page that is asked for.
func (p *parameters) page(tx *simulator.Tx) simulator.Query {
	q := simulator.Query{IDs: p.ids, Limit: defaultPage}
	if p.pageSize != nil {
		q.Limit = *p.pageSize
	} else if len(p.ids) > 0 && tx.Setting(PageOfIDs) == AllIDs {
		q.Limit = maxIDs
	}
	if p.pageNum != nil {
		q.Offset = (min(*p.pageNum, math.MaxInt32) - 1) * q.Limit
	}
	return q
}

// absent refuses a describe of ids that are not there, if the switch says so. A
// list that is empty on purpose stays an empty list.
func absent(req *simulator.Request, tx *simulator.Tx, ids []string, found map[string]bool) *simulator.Refusal {
	if tx.Setting(AbsentIDs) == Omitted || req.Call.Trouble == simulator.EmptyList {
		return nil
	}
	n := slices.IndexFunc(ids, func(id string) bool { return !found[id] })
	if n < 0 {
		return nil
	}
	code := instanceNotFound
	if tx.Setting(AbsentIDs) == ResourceNotFound {
		code = resourceNotFound
	}
	refusal := denied(tx, simulator.OpDescribe, &simulator.Denial{ID: ids[n], Reason: simulator.NotFound, Code: code})
	return &refusal
}

// shown is the word of the status that the caller gets.
func shown(tx *simulator.Tx, i simulator.Instance) string {
	if serviceOf(i) == ZEC {
		switch i.Status {
		case booting:
			return tx.Setting(StartingWord)
		case recycle:
			return tx.Setting(RecycleWord)
		}
	}
	return i.Status
}
