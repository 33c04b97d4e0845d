package alicloud

import (
	"net/http"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// describeInstances serves
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstances.
// An instance that does not exist, or that the caller may not see, is left out;
// that is no error.
func (w *Wire) describeInstances(req *simulator.Request, p *parameters) simulator.Answer {
	pg, refusal := p.page(w.cloud)
	if refusal != nil {
		return w.Refuse(req, *refusal)
	}
	if p.dryRun {
		return w.Refuse(req, *refuse(dryRunSingular))
	}
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		shown, total := p.pageOf(tx, pg)
		list := make([]map[string]any, len(shown))
		for n, i := range shown {
			list[n] = shape(i, eligible(tx, i))
		}
		body := map[string]any{
			"RequestId": req.Call.RequestID, "Instances": map[string]any{"Instance": list},
			"PageNumber": pg.number, "PageSize": pg.size, "TotalCount": total, "NextToken": "",
		}
		if pg.byToken {
			// The total means nothing when pages follow each other by a token.
			body["PageNumber"], body["TotalCount"] = 0, 0
		}
		if next := pg.offset + len(shown); next < total && p.pageNumber == nil && p.pageSize == nil {
			body["NextToken"] = p.token(next)
		}
		return answer(req, http.StatusOK, "DescribeInstancesResponse", body)
	})
}

// page is the page of a list of instances that is asked for: by a token, or by
// the number that the reference page deprecates.
func (p *parameters) page(cloud *simulator.Cloud) (page, *simulator.Refusal) {
	if p.maxResults != nil || p.message.get("NextToken") != "" {
		return p.tokenized()
	}
	return p.numbered(maxPage, cloud.Setting(LargePage))
}

// pageOf returns a page of the instances that the caller may see, and how many there are.
func (p *parameters) pageOf(tx *simulator.Tx, pg page) ([]simulator.Instance, int) {
	match := func(i simulator.Instance) bool { return p.visible(i) && p.match(i) }
	return tx.Describe(simulator.Query{IDs: p.ids, Match: match, Offset: pg.offset, Limit: pg.size})
}

// describeInstanceAttribute serves
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstanceattribute.
// Other than a list it tells an instance that does not exist from one that the
// caller may not see. The answer is the instance itself, with no list around it.
func (w *Wire) describeInstanceAttribute(req *simulator.Request, p *parameters) simulator.Answer {
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		id := p.ids[0]
		i, exists := tx.Instance(id)
		shown, _ := tx.Describe(simulator.Query{IDs: p.ids})
		switch {
		case !exists:
			return w.Refuse(req, naming(tx, *refuse(tx.Setting(NotFoundCode)), id))
		case len(shown) > 0:
			i = shown[0]
		case tx.Setting(HiddenAttribute) == Forbidden:
			return w.Refuse(req, *refuse("Forbidden.RAM"))
		}
		body := shape(i, eligible(tx, i))
		body["RequestId"] = req.Call.RequestID
		return answer(req, http.StatusOK, "DescribeInstanceAttributeResponse", body)
	})
}

// describeInstanceStatus serves
// https://www.alibabacloud.com/help/en/ecs/developer-reference/api-ecs-2014-05-26-describeinstancestatus.
func (w *Wire) describeInstanceStatus(req *simulator.Request, p *parameters) simulator.Answer {
	pg, refusal := p.numbered(maxStatusPage, w.cloud.Setting(LargePage))
	if refusal != nil {
		return w.Refuse(req, *refusal)
	}
	// A zone is its region and a letter.
	if zone := p.message.get("ZoneId"); zone != "" && !strings.HasPrefix(zone, req.Call.Region+"-") {
		return w.Refuse(req, *refuse("InvalidZoneId.NotFound"))
	}
	return req.Do(func(tx *simulator.Tx) simulator.Answer {
		shown, total := p.pageOf(tx, pg)
		list := make([]map[string]any, len(shown))
		for n, i := range shown {
			list[n] = map[string]any{"InstanceId": i.ID, "Status": i.Status}
		}
		return answer(req, http.StatusOK, "DescribeInstanceStatusResponse", map[string]any{
			"RequestId": req.Call.RequestID, "InstanceStatuses": map[string]any{"InstanceStatus": list},
			"PageNumber": pg.number, "PageSize": pg.size, "TotalCount": total,
		})
	})
}
