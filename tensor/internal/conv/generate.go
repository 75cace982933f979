package conv

//go:generate sh -c "cd ../gemm/_asm && go run . -set conv512 -out ../../conv/avx512_amd64.s -stubs ../../conv/avx512_amd64.go -pkg conv"
//go:generate sh -c "cd ../gemm/_asm && go run . -set conv2 -out ../../conv/avx2_amd64.s -stubs ../../conv/avx2_amd64.go -pkg conv"
//go:generate sh -c "cd ../gemm/_asm && go run . -set convneon -to ../../conv/neon_arm64"
//go:generate sh -c "cd ../gemm/_asm && go run . -set phases512 -out ../../conv/polyphase_avx512_amd64.s -stubs ../../conv/polyphase_avx512_amd64.go -pkg conv"
//go:generate sh -c "cd ../gemm/_asm && go run . -set phases2 -out ../../conv/polyphase_avx2_amd64.s -stubs ../../conv/polyphase_avx2_amd64.go -pkg conv"
//go:generate sh -c "cd ../gemm/_asm && go run . -set phasesneon -to ../../conv/polyphase_neon_arm64"
