package gemm

//go:generate sh -c "cd _asm && go run . -set avx512 -out ../avx512_amd64.s -stubs ../avx512_amd64.go -pkg gemm"
//go:generate sh -c "cd _asm && go run . -set bf16 -out ../bf16_avx512_amd64.s -stubs ../bf16_avx512_amd64.go -pkg gemm"
//go:generate sh -c "cd _asm && go run . -set avx2 -out ../avx2_amd64.s -stubs ../avx2_amd64.go -pkg gemm"
//go:generate sh -c "cd _asm && go run . -set neon -to ../neon_arm64"
