package zenlayercloud

import (
	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
	vm "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/vm20260401"
	zec "github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/zec20250901"
)

// requests makes the requests of one service. Each call needs a fresh one,
// since the SDK keeps headers and signature in it.
type requests struct {
	start    func(ids []string) common.Request
	stop     func(ids []string, force bool) common.Request
	reboot   func(ids []string) common.Request
	describe func(ids []string, page int) common.Request
	// listsFailed: a successful answer lists the ids that failed
	// (https://docs.console.zenlayer.com/api-reference/compute/zec/instance/stopinstances,
	// output parameter instanceIds). The vm answers say nothing of single ids.
	listsFailed bool
}

var services = map[Service]requests{
	VM: {
		start: func(ids []string) common.Request {
			req := vm.NewStartInstancesRequest()
			req.InstanceIds = ids
			return req
		},
		stop: func(ids []string, force bool) common.Request {
			req := vm.NewStopInstancesRequest()
			req.InstanceIds, req.ForceShutdown = ids, &force
			return req
		},
		reboot: func(ids []string) common.Request {
			req := vm.NewRebootInstancesRequest()
			req.InstanceIds = ids
			return req
		},
		describe: func(ids []string, page int) common.Request {
			req := vm.NewDescribeInstancesRequest()
			req.InstanceIds, req.PageSize, req.PageNum = ids, common.Integer(pageSize), &page
			return req
		},
	},
	ZEC: {
		start: func(ids []string) common.Request {
			req := zec.NewStartInstancesRequest()
			req.InstanceIds = ids
			return req
		},
		stop: func(ids []string, force bool) common.Request {
			req := zec.NewStopInstancesRequest()
			req.InstanceIds, req.ForceShutdown = ids, &force
			return req
		},
		reboot: func(ids []string) common.Request {
			req := zec.NewRebootInstancesRequest()
			req.InstanceIds = ids
			return req
		},
		describe: func(ids []string, page int) common.Request {
			req := zec.NewDescribeInstancesRequest()
			req.InstanceIds, req.PageSize, req.PageNum = ids, common.Integer(pageSize), &page
			return req
		},
		listsFailed: true,
	},
}

// answer is the envelope of every answer, read in place of the SDK's own types:
// those drop the code of an error that comes with status 200, and cannot tell a
// missing response from an empty one (SDK source, vm20260401/models.go).
type answer struct {
	common.BaseResponse

	RequestID string  `json:"requestId"`
	Code      string  `json:"code"`
	Message   string  `json:"message"`
	Response  *result `json:"response"`
}

// result holds what this driver reads of the answers of all four actions.
type result struct {
	RequestID string `json:"requestId"`
	// FailedIDs is what the zec service answers to Start, Stop and Reboot.
	FailedIDs []string `json:"instanceIds"`
	// TotalCount and DataSet answer DescribeInstances.
	TotalCount *int        `json:"totalCount"`
	DataSet    []*instance `json:"dataSet"`
}

// instance is one instance of DescribeInstances. Both services are read with it,
// and fields that it lacks are skipped, whatever they hold.
type instance struct {
	InstanceID   string `json:"instanceId"`
	InstanceName string `json:"instanceName"`
	// InstanceStatus is the vm service's name of the field, Status that of zec.
	InstanceStatus     string   `json:"instanceStatus"`
	Status             string   `json:"status"`
	InstanceChargeType string   `json:"instanceChargeType"`
	InstanceType       string   `json:"instanceType"`
	ZoneID             string   `json:"zoneId"`
	PublicIPAddresses  []string `json:"publicIpAddresses"`
	PrivateIPAddresses []string `json:"privateIpAddresses"`
	Tags               struct {
		Tags []tag `json:"tags"`
	} `json:"tags"`
}

type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// requestID prefers the inner one, which the reference page documents.
func (a *answer) requestID() string {
	if a.Response != nil && a.Response.RequestID != "" {
		return a.Response.RequestID
	}
	return a.RequestID
}

// problem returns what an answer without an error lacks, or nothing.
func (a *answer) problem(action string) string {
	if a.Response == nil {
		return "it has no response"
	}
	if action != actionDescribe {
		return ""
	}
	switch {
	case a.Response.TotalCount == nil:
		return "it has no totalCount"
	case a.Response.DataSet == nil && *a.Response.TotalCount != 0:
		return "it has no dataSet"
	}
	return ""
}
